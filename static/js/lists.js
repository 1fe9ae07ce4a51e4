// Lists that are kept piece by piece: <ul data-live-list="arrival_row">. Whether a piece belongs to it the server
// says, by drawing it or not; where it stands says its data-place, and in which of several lists its data-group.
// A list that shows only a part of all leaves out what lies beyond: after data-from, up to data-to (places).

export const listOf = (piece) => piece.parentElement?.closest("[data-live-list]") ?? null;
export const piecesOf = (list) => [...list.children].filter((child) => child.matches("[data-seq]:not([data-empty])"));
export const placeOf = (piece) => piece.dataset.place ?? "";

export function listsNamed(topic) {
  return [...document.querySelectorAll(`[data-live-list~="${CSS.escape(topic.split(":")[0])}"]`)];
}

// The number as of which the lists of such pieces were read as a whole.
export const readAt = (topic) => Math.max(0, ...listsNamed(topic).map((list) => Number(list.dataset.liveRead ?? 0)));

function isBeyond(piece, list) {
  const { from, to } = list.dataset;
  return (from && placeOf(piece) <= from) || (to && placeOf(piece) > to);
}

// Puts a piece where it belongs now, or takes it out; tells whether a list of this page is kept of such pieces.
export function settle(piece, topic) {
  const lists = listsNamed(topic);
  if (!lists.length) return false;
  const list = lists.find((one) => (one.dataset.group ?? "") === (piece.dataset.group ?? ""));
  if (!list || isBeyond(piece, list)) {
    takeOut(piece);
    return true;
  }
  const before = listOf(piece);
  const others = piecesOf(list).filter((other) => other !== piece);
  const next = others.find((other) => placeOf(other) > placeOf(piece)) ?? endOf(list);
  if (before !== list || following(piece) !== next) move(piece, list, next);
  count(list);
  if (before && before !== list) count(before);
  return true;
}

// What stands behind the pieces: the words for an empty list.
const endOf = (list) => list.querySelector(":scope > [data-empty]");

function following(piece) {
  let next = piece.nextElementSibling;
  while (next && !next.matches("[data-seq], [data-empty]")) next = next.nextElementSibling;
  return next;
}

function move(piece, list, next) {
  // Whoever is at a button of it goes along: a moved element loses the focus.
  const focused = piece.contains(document.activeElement) ? document.activeElement : null;
  list.insertBefore(piece, next);
  focused?.focus({ preventScroll: true });
}

export function takeOut(piece) {
  const list = listOf(piece);
  piece.remove();
  if (list) count(list);
}

export function count(list) {
  if (!list.id) return;
  const found = String(piecesOf(list).length);
  for (const shown of document.querySelectorAll(`[data-live-count~="${CSS.escape(list.id)}"]`)) {
    if (shown.textContent !== found) shown.textContent = found;
  }
}
