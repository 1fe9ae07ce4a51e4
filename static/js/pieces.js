// Puts pushed pieces in their place and fetches regions anew; the only script that writes HTML into a page.
// A piece with a lower data-seq never replaces a higher one, whichever way either came.

import { FRAME, hasLeft, isSignIn, keeping, leave } from "pms/left";
import { count, listOf, listsNamed, piecesOf, readAt, settle, takeOut } from "pms/lists";
import { flash, morph, sameSight, seqOf } from "pms/morphing";
import { markRead, markUnread } from "pms/states";

const JITTER_FROM = 20;
const JITTER_SPAN = 100;

export const parse = (html) => new DOMParser().parseFromString(html, "text/html");

// What left, and as of which number: an older drawing must not bring it back.
const gone = new Map();

// The server's records were put back: its numbers are given a second time, so all that is here is older than what comes.
export function forgetNumbers() {
  gone.clear();
  for (const piece of document.querySelectorAll("[data-seq]")) piece.dataset.seq = 0;
  for (const list of document.querySelectorAll("[data-live-read]")) list.dataset.liveRead = 0;
}

export function place({ id, topic, seq, html }) {
  const old = document.getElementById(id);
  if (!html) {
    // Gone, or no longer for us. What counts or sorts it is fetched anew, unless its list is kept piece by piece.
    if (!old || seqOf(old) > seq) return;
    const regions = regionsOf(topic, listOf(old) ? null : old);
    takeOut(old);
    gone.set(id, seq);
    refetch(regions);
    return;
  }
  const fresh = parse(html).body.firstElementChild;
  if (!fresh) return;
  if (!old) {
    if (seqOf(fresh) < Math.max(gone.get(id) ?? 0, readAt(topic))) return; // it has left since
    const regions = regionsOf(topic);
    if (settle(fresh, topic)) window.htmx.process(fresh);
    if (fresh.isConnected) flash(fresh);
    document.dispatchEvent(new CustomEvent("pieces:entered", { detail: { piece: fresh, topic } }));
    refetch(regions);
    return;
  }
  if (seqOf(old) > seqOf(fresh)) return;
  const moved = (old.dataset.place ?? "") !== (fresh.dataset.place ?? "");
  const same = sameSight(old, fresh);
  morph(old, fresh);
  const now = document.getElementById(id);
  if (!now) return;
  if (!same) flash(now);
  if (settle(now, topic)) return;
  if (moved) refetch(regionsOf(topic, now));
}

// A region is a list of pieces: <ul id="arrivals" data-live-region data-live-on="arrival_row">.
function regionsOf(topic, element) {
  const name = topic.split(":")[0];
  const all = [...document.querySelectorAll(`[data-live-region][data-live-on~="${CSS.escape(name)}"]`)];
  const own = element?.closest("[data-live-region]");
  return own && !all.includes(own) ? [...all, own] : all;
}

// An answer names the pieces that an act changed: what lists them is right again at once, also without the socket.
document.addEventListener("pieces:changed", ({ detail }) => {
  const lists = listsNamed(detail.value);
  for (const list of lists) for (const piece of piecesOf(list)) settle(piece, detail.value);
  const deaf = document.getElementById("connection")?.dataset.state !== "live";
  refetch([...regionsOf(detail.value), ...(deaf ? lists.map((list) => list.closest("[data-live-region]")) : [])]);
});

let wanted = new Set();
let wantsFrame = false;
let [timer, busy] = [0, false];
let [failures, readWell] = [0, Date.now()];
let hurry = () => {};

export function refetch(regions) {
  for (const region of regions) {
    if (region.dataset.liveFrom) fetchAlone(region);
    else if (region.id) wanted.add(region.id);
  }
  if (wanted.size || wantsFrame) schedule();
}

export function refetchAll({ frame = false } = {}) {
  wantsFrame ||= frame;
  const alone = [...document.querySelectorAll("[data-seq][id]")].filter(
    (piece) => !piece.parentElement.closest("[data-live-region], [data-seq][id]"),
  );
  refetch([...document.querySelectorAll("[data-live-region]"), ...alone]);
}

function schedule() {
  if (timer || busy) return;
  timer = setTimeout(fetchNow, JITTER_FROM + Math.random() * JITTER_SPAN);
}

// A kept connection may have died without a word: without an end to waiting the page would stand still for good.
const PATIENCE = 8000;

export function ask(address, what) {
  return fetch(address, { headers: { "X-Live": what }, credentials: "same-origin", signal: AbortSignal.timeout(PATIENCE) });
}

async function fetchNow() {
  timer = 0;
  busy = true;
  const ids = wanted;
  const frame = wantsFrame;
  wanted = new Set();
  wantsFrame = false;
  try {
    const answer = await ask(location.href, "refetch");
    if (answer.redirected && isSignIn(answer.url)) leave(null, swap);
    else if (answer.redirected && new URL(answer.url).pathname !== location.pathname) location.assign(answer.url);
    else if (answer.status === 403 || answer.status === 404) leave(parse(await answer.text()), swap);
    else if (answer.ok) show(parse(await answer.text()), ids, frame);
    else throw new Error(`status ${answer.status}`);
    [failures, readWell] = [0, Date.now()];
    markRead();
  } catch {
    // The line is down or the server restarts: what we wanted is still wanted.
    ids.forEach((id) => wanted.add(id));
    wantsFrame ||= frame;
    failures += 1;
    // Without a line the page says so itself.
    if (failures > 1 && document.getElementById("connection")?.dataset.state === "live") markUnread(readWell, () => hurry());
    await new Promise((resolve) => {
      hurry = resolve;
      setTimeout(resolve, 1000 + Math.random() * 2000);
    });
  } finally {
    busy = false;
    if (wanted.size || wantsFrame) schedule();
  }
}

// What has an address of its own (the bell) is fetched from there, not with the whole page.
async function fetchAlone(region) {
  await new Promise((resolve) => setTimeout(resolve, JITTER_FROM + Math.random() * JITTER_SPAN));
  try {
    const answer = await ask(region.dataset.liveFrom, "refetch");
    if (answer.ok && !answer.redirected) swap(document.getElementById(region.id), parse(await answer.text()).getElementById(region.id));
  } catch {
    // The line is down: when it is back the bell is asked for again (live.js).
  }
}

// The reader chose another language: all of the page is drawn in it, unless somebody's typing would be lost.
const TYPED = "input:not([type=checkbox], [type=radio], [type=hidden]), textarea";
const speaksOtherwise = (fresh) => fresh.documentElement.lang !== document.documentElement.lang
  && [...document.querySelectorAll(TYPED)].every((field) => field.value === field.defaultValue);
// Somebody else signed in with this browser meanwhile.
const isAnothers = (fresh) => fresh.body.dataset.liveUser !== document.body.dataset.liveUser;

function show(fresh, ids, frame) {
  if (hasLeft() || (frame && (speaksOtherwise(fresh) || isAnothers(fresh)))) return location.reload();
  const keep = keeping();
  for (const id of ids) swap(document.getElementById(id), fresh.getElementById(id));
  for (const name of ["clockNow", "clockTurns"]) document.body.dataset[name] = fresh.body.dataset[name] ?? "";
  if (frame) document.body.dataset.liveRights = fresh.body.dataset.liveRights;
  if (frame) for (const selector of FRAME) swap(document.querySelector(selector), fresh.querySelector(selector));
  keep();
  document.querySelectorAll("[data-live-list]").forEach(count); // shown beside the lists, so not fetched with them
  document.dispatchEvent(new CustomEvent("live:refetched"));
}

function swap(old, fresh) {
  if (!old) return;
  if (fresh) morph(old, fresh);
  else old.replaceChildren();
}

// Puts a piece of another document into a list of this one.
export function bring(piece, list, before) {
  const own = document.importNode(piece, true);
  list.insertBefore(own, before);
  window.htmx.process(own);
}

// Puts drawn HTML into an element, if it is not the same already.
export function fill(element, html) {
  if ((element.filled ?? "") === html) return;
  element.filled = html;
  element.replaceChildren(...parse(html).body.childNodes);
}
