// The room plan: keeps touched rows fresh, moves the focus among bars, opens the card of a stay.
// The socket renews marks (.touch); a row, lane or foot that is older than its mark is fetched, all of them at once.
import { ask, place, refetchAll } from "pms/pieces";

const JITTER_FROM = 20;
const JITTER_SPAN = 100;
const MOST_AT_ONCE = 100; // beyond it the page reads itself anew, as the server answers no more (MOST_PIECES)
const SCROLLED = "plan-scroll";

const root = document.getElementById("room-plan");
const plan = () => document.getElementById("plan");
const seqOf = (element) => Number(element?.dataset.seq ?? 0);

// --- rows that changed -------------------------------------------------------------------------------------------

let timer = 0;
let busy = false;

const stale = () => [...root.querySelectorAll(".touch")].filter((mark) => seqOf(mark) > seqOf(mark.parentElement));

function schedule() {
  if (!timer && !busy) timer = setTimeout(fetchStale, JITTER_FROM + Math.random() * JITTER_SPAN);
}

function addressOf(marks) {
  const address = new URL(root.dataset.rows, location.href);
  for (const mark of marks) {
    const [, kind, pk] = mark.id.match(/^plan-(row|lane|stock)-(.*)$/);
    address.searchParams.append(kind, pk);
  }
  return address;
}

async function fetchStale() {
  timer = 0;
  const marks = stale();
  if (!marks.length) return;
  if (marks.length > MOST_AT_ONCE) {
    refetchAll();
    return;
  }
  busy = true;
  try {
    const answer = await ask(addressOf(marks), "rows");
    if (answer.ok) keepFocus((await answer.json()).pieces);
    // Rights that are gone are told by the socket; everything else may pass.
    else if (answer.status >= 500) throw new Error(`status ${answer.status}`);
  } catch {
    await new Promise((resolve) => setTimeout(resolve, 1000 + Math.random() * 2000));
  } finally {
    busy = false;
    if (stale().length) schedule();
  }
}

// A bar that moved to another row is a new element: who stood on it goes along.
function keepFocus(pieces) {
  const id = document.activeElement?.closest?.("#plan button.stay")?.id;
  for (const piece of pieces) if (document.getElementById(piece.id)) place(piece);
  if (id && document.activeElement?.id !== id) document.getElementById(id)?.focus({ preventScroll: true });
  settle();
}

function settle() {
  oneStop();
  nameAll();
}

// --- keys ----------------------------------------------------------------------------------------------------------

// One bar is the plan's stop for Tab; arrows lead from it to all others.
function oneStop(bar) {
  const chosen = bar ?? plan()?.querySelector('button.stay[tabindex="0"]') ?? plan()?.querySelector(".plan-rows li:not([hidden]) button.stay");
  for (const other of plan()?.querySelectorAll('button.stay[tabindex="0"]') ?? []) if (other !== chosen) other.tabIndex = -1;
  if (chosen) chosen.tabIndex = 0;
}

function enter(bar) {
  name(bar);
  oneStop(bar);
}

const barsIn = (row) => [...row.querySelectorAll("button.stay")].sort((a, b) => a.offsetLeft - b.offsetLeft);

function beside(bar, step) {
  const bars = barsIn(bar.closest("li"));
  return bars[bars.indexOf(bar) + step];
}

// The bar above or below whose middle is nearest; rows without a bar are passed over.
function across(bar, step) {
  const rows = [...plan().querySelectorAll(".plan-rows > li:not([hidden])")].filter((row) => row.querySelector("button.stay"));
  const row = rows[rows.indexOf(bar.closest("li")) + step];
  if (!row) return null;
  const middle = bar.offsetLeft + bar.offsetWidth / 2;
  const off = (other) => Math.abs(other.offsetLeft + other.offsetWidth / 2 - middle);
  return barsIn(row).reduce((best, other) => (off(other) < off(best) ? other : best));
}

const toStart = () => (getComputedStyle(root).direction === "rtl" ? "ArrowRight" : "ArrowLeft");

function fromBar(bar, key) {
  if (key === "ArrowUp") return across(bar, -1);
  if (key === "ArrowDown") return across(bar, 1);
  if (key === "ArrowLeft") return beside(bar, -1);
  if (key === "ArrowRight") return beside(bar, 1);
  const bars = barsIn(bar.closest("li"));
  if (key === "Home") return bars[0];
  return key === "End" ? bars.at(-1) : null;
}

function press(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey || document.querySelector("dialog[open]")) return;
  const bar = event.target.closest?.("#plan button.stay");
  if (bar) {
    const next = fromBar(bar, event.key);
    if (!next) return;
    event.preventDefault();
    next.focus({ preventScroll: true });
    next.scrollIntoView({ block: "nearest", inline: "nearest" });
    return;
  }
  const free = event.target === document.body || (event.target === plan() && plan().scrollWidth <= plan().clientWidth);
  if (!free || !["ArrowLeft", "ArrowRight"].includes(event.key)) return;
  event.preventDefault();
  root.querySelector(`[data-plan-go="${event.key === toStart() ? "earlier" : "later"}"]`)?.click();
}

// --- what a bar says -----------------------------------------------------------------------------------------------

const DAY = 86_400_000;
const writer = new Intl.DateTimeFormat(document.documentElement.lang.replace(/^en$/, "en-GB"), { day: "numeric", month: "long", timeZone: "UTC" });
const dayAt = (place) => Date.parse(plan().dataset.first) + place * DAY;
const numberIn = (bar, letter) => Number(bar.className.match(new RegExp(`\\b${letter}(\\d+)`))?.[1]);

// "Room 204, Double: Jordi Martí, 14 – 16 March, Confirmed": the place of a bar tells its dates, its track the room.
function wordsOf(bar) {
  const at = Number(bar.dataset.from ?? numberIn(bar, "c") - 1);
  const shown = bar.hasAttribute("data-stub") ? 0 : numberIn(bar, "c") + numberIn(bar, "s") - 1;
  const dates = writer.formatRange(dayAt(at), dayAt(Number(bar.dataset.to ?? shown)));
  const [guest, rest] = [bar.querySelector(".clip"), bar.querySelector(".hidden-visually")].map((part) => part.textContent);
  return `${bar.parentElement.getAttribute("aria-label")}: ${guest}, ${dates}${rest}`;
}

function name(bar) {
  if (!bar.isConnected) return;
  const words = wordsOf(bar);
  if (bar.getAttribute("aria-label") !== words) bar.setAttribute("aria-label", words);
}

// The one in focus at once, the others when the page has nothing better to do.
function nameAll() {
  const bars = [...(plan()?.querySelectorAll("button.stay") ?? [])];
  const later = window.requestIdleCallback ?? ((work) => setTimeout(() => work({ timeRemaining: () => 50 }), 200));
  const go = (deadline) => {
    while (bars.length && deadline.timeRemaining() > 2) name(bars.pop());
    if (bars.length) later(go);
  };
  later(go);
}

// --- the card of a stay --------------------------------------------------------------------------------------------

function open(event) {
  const bar = event.target.closest("#plan button.stay");
  if (!bar) return;
  oneStop(bar);
  const [, number] = bar.id.match(/^bar-(.*?-\d+)(?:-\d{4})?$/);
  window.htmx.ajax("GET", `${location.pathname}stays/${number}/`, { target: "#dialog", swap: "innerHTML" });
}

// --- staying where one was -----------------------------------------------------------------------------------------

function remember() {
  if (plan()) sessionStorage.setItem(SCROLLED, JSON.stringify([location.pathname, plan().scrollTop]));
}

function recall() {
  const [path, top] = JSON.parse(sessionStorage.getItem(SCROLLED) ?? "[]");
  sessionStorage.removeItem(SCROLLED);
  if (path === location.pathname && plan()) plan().scrollTop = top;
}

if (root) {
  new MutationObserver((changes) => {
    if (changes.some(({ target }) => target.matches?.(".touch"))) schedule();
  }).observe(root, { subtree: true, attributes: true, attributeFilter: ["data-seq"] });
  document.addEventListener("live:refetched", settle);
  document.addEventListener("keydown", press);
  root.addEventListener("click", open);
  root.addEventListener("click", (event) => event.target.closest("a[href^='?']") && remember());
  root.addEventListener("focusin", (event) => event.target.matches("#plan button.stay") && enter(event.target));
  // The names of narrow bars are cut off: what a screen reader says is shown as a tip.
  root.addEventListener("pointerover", (event) => {
    const bar = event.target.closest("#plan button.stay");
    if (bar) bar.title = wordsOf(bar);
  });
  recall();
  settle();
}
