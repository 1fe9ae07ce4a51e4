// Who else is here: says over the page's socket what this page is at, and shows what the others say (docs/live.md).
// A page or dialog is at what its [data-at] names. Whoever types into its form is editing, until it is saved, left
// or untouched for a while; a page that nobody sees for a minute is not looking any more.
import { fill } from "pms/pieces";

const IDLE = 3 * 60_000;
const UNSEEN = 60_000;

let say = null;
let said = new Map();
let shown = { here: "", at: {} };
let hiddenAt = 0;
const touched = new Map();

const places = () => [...document.querySelectorAll("[data-at]")];

// The nearest place of a field: of its dialog, else of the page.
function placeOf(field) {
  const dialog = field.closest("dialog");
  return (dialog ?? document.getElementById("main"))?.querySelector("[data-at]")?.dataset.at;
}

function modeNow(place) {
  if (Date.now() - (touched.get(place) ?? -Infinity) < IDLE) return "editing";
  return hiddenAt && Date.now() - hiddenAt > UNSEEN ? "" : "looking";
}

function announce() {
  if (!say) return;
  const now = new Map(places().map(({ dataset }) => [dataset.at, modeNow(dataset.at)]));
  for (const place of said.keys()) if (!now.has(place)) now.set(place, "");
  for (const [place, mode] of now) {
    if ((said.get(place) ?? "") === mode) continue;
    say({ t: "here", object: place, mode });
    if (mode) said.set(place, mode);
    else said.delete(place);
  }
  for (const place of touched.keys()) if (!said.has(place)) touched.delete(place);
  show();
}

function show() {
  const header = document.getElementById("presence");
  if (header) fill(header, shown.here);
  for (const element of places()) fill(element, shown.at[element.dataset.at] ?? "");
}

// The line is up: the server knows nothing of this page yet. Without one it knows nothing of the others either.
export function lineUp(send) {
  say = send;
  said = new Map();
  announce();
}

export function lineDown() {
  say = null;
  company({ here: "", at: {} });
}

export function company({ here, at }) {
  shown = { here, at };
  show();
}

document.addEventListener("input", ({ target }) => {
  const form = target.form;
  const place = form && form.method !== "get" && placeOf(target);
  if (!place) return;
  touched.set(place, Date.now());
  announce();
});
// Saved: what it answered stands in the page now.
document.addEventListener("htmx:afterRequest", ({ detail }) => {
  const form = detail.elt?.closest?.("form");
  const place = detail.successful && form && placeOf(form);
  if (place && touched.delete(place)) announce();
});
document.addEventListener("visibilitychange", () => {
  hiddenAt = document.visibilityState === "hidden" ? Date.now() : 0;
  announce();
});
setInterval(announce, 1000);
