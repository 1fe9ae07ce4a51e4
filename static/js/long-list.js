// Long lists: <ul data-long data-live-list=…> and below it <a rel="next">. The next page is fetched when the end comes
// near; pages far above or below are taken out and come back by their address, so the document holds some hundred rows
// however long the list is. Without this script the link turns pages. A list that grows at its beginning says how a page
// below a row is asked for (data-turns="?before=", followed by the row's key): it may end at any row.
import { count, listsNamed, piecesOf, placeOf } from "pms/lists";
import { ask, bring, parse } from "pms/pieces";
import { coming, failed } from "pms/states";

const NEAR = 1500; // pixels before an end at which more is fetched
const MOST = 250; // rows that stay
const SLACK = 50; // so that not each row that comes in moves another out
const AGAIN = 2000; // milliseconds after which what failed is asked for again

function follow(list) {
  const page = list.closest(".page");
  const link = list.parentElement.querySelector("a[rel=next]");
  const end = () => list.querySelector(":scope > [data-empty]");
  // What was taken out above leaves its height, so that nothing in view moves.
  const gap = Object.assign(document.createElement("li"), { className: "wide-row gap", hidden: true, ariaHidden: "true" });
  let above = [];
  let shown = [];
  let busy = false;
  let trouble = null;

  function begin() {
    above = [];
    shown = [{ address: location.href, from: list.dataset.from ?? "" }];
    list.prepend(gap);
    makeRoom();
    look();
  }

  const heightOf = (rows) => (rows.length ? rows.at(-1).getBoundingClientRect().bottom - rows[0].getBoundingClientRect().top : 0);

  function makeRoom() {
    const height = above.reduce((sum, { height: one }) => sum + one, 0);
    gap.hidden = !height;
    gap.style.height = `${height}px`;
  }

  function bound(from, to) {
    for (const [name, value] of [["from", from], ["to", to]]) {
      if (value) list.dataset[name] = value;
      else delete list.dataset[name];
    }
    if (link) link.hidden = !to;
    count(list);
  }

  async function read({ address }) {
    const answer = await ask(address, "more");
    if (!answer.ok || answer.redirected) throw new Error(`status ${answer.status}`);
    const fresh = parse(await answer.text());
    const found = fresh.getElementById(list.id);
    const rows = piecesOf(found).filter(({ id }) => !document.getElementById(id));
    return { rows, to: found.dataset.to, next: fresh.querySelector(`#${list.id} ~ * a[rel=next]`)?.getAttribute("href") };
  }

  async function forth() {
    const page = { address: link.href, from: list.dataset.to };
    const come = coming((sign) => list.after(sign));
    const { rows, to, next } = await read(page).finally(come);
    for (const row of rows) bring(row, list, end());
    shown.push(page);
    if (next) link.href = next;
    bound(list.dataset.from, to);
    while (shown.length > 2 && piecesOf(list).length > MOST && dropFirst());
  }

  // Not a page in which somebody stands.
  const stays = (rows) => rows.some((row) => row.contains(document.activeElement));

  function dropFirst() {
    const [first, { from }] = shown;
    const rows = piecesOf(list).filter((row) => placeOf(row) <= from);
    if (stays(rows)) return false;
    above.push({ ...first, to: from, height: heightOf(rows) });
    shown.shift();
    for (const row of rows) row.remove();
    makeRoom();
    bound(from, list.dataset.to);
    return true;
  }

  async function back() {
    const page = above.at(-1);
    const { rows } = await read(page);
    const before = piecesOf(list)[0] ?? end();
    for (const row of rows) if (placeOf(row) <= page.to) bring(row, list, before);
    above.pop();
    shown.unshift(page);
    makeRoom();
    bound(page.from, list.dataset.to);
    while (shown.length > 2 && piecesOf(list).length > MOST && dropLast());
  }

  function dropLast() {
    const { address, from } = shown.at(-1);
    const rows = piecesOf(list).filter((row) => placeOf(row) > from);
    if (stays(rows)) return false;
    shown.pop();
    for (const row of rows) row.remove();
    link.href = address;
    bound(list.dataset.from, from);
    return true;
  }

  // What comes in by itself must not fill the document either: who reads at the top loses the oldest rows, who reads
  // further down gets no more above (they come with the newest page, which logs.js links).
  function grown({ detail: { topic } }) {
    if (busy || !list.dataset.turns || !listsNamed(topic).includes(list)) return;
    const rows = piecesOf(list);
    if (rows.length <= MOST + SLACK) return;
    if (list.getBoundingClientRect().top < 0) bound(placeOf(rows[0]), list.dataset.to);
    else if (!stays(rows.slice(MOST))) cut(rows);
  }

  function cut(rows) {
    const last = rows[MOST - 1];
    for (const row of rows.slice(MOST)) row.remove();
    shown = shown.filter(({ from }) => from < placeOf(last));
    link.href = list.dataset.turns + last.id.split("-").at(-1);
    bound(list.dataset.from, placeOf(last));
  }

  async function look() {
    if (busy) return;
    busy = true;
    try {
      for (;;) {
        if (above.length && gap.getBoundingClientRect().bottom > -NEAR) await back();
        else if (link && !link.hidden && list.getBoundingClientRect().bottom < innerHeight + NEAR) await forth();
        else break;
      }
      trouble?.remove();
      trouble = null;
    } catch {
      setTimeout(look, AGAIN); // the line is down, or the server slow
      trouble ??= failed(() => {
        trouble = null;
        look();
      });
      if (trouble && !trouble.isConnected) list.after(trouble);
    } finally {
      busy = false;
    }
  }

  for (const box of [page, window]) box?.addEventListener("scroll", look, { passive: true });
  document.addEventListener("pieces:entered", grown);
  document.addEventListener("live:refetched", () => gap.isConnected || begin());
  begin();
}

for (const list of document.querySelectorAll("[data-long]")) follow(list);
