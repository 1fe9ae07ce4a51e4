// One script for all keys. Whatever carries data-key="n" answers to N while nobody types, data-go="r" to G and then R;
// J and K go from line to line of a list. ? lists what the page knows. Nothing fires while somebody types, and single
// keys can be switched off on the device.
import { openDialog } from "pms/dialog";
import { recall, remember } from "pms/store";

const OFF = "keys-off";
const TYPING = "input:not([type='checkbox'], [type='radio'], [type='button']), textarea, select, [contenteditable]";
const LINES = "main :is(li.row, .rows > li, .people > li, table:not(.matrix) tbody tr)";
const PATIENCE = 1500; // between G and the letter of the section
const onMac = /mac|iphone|ipad/i.test(navigator.userAgentData?.platform ?? navigator.platform);

// A link to the page that is open would throw away what was begun there.
const leadsHere = (el) => el.href && new URL(el.href).pathname === location.pathname;
const bearing = (name) =>
  [...document.querySelectorAll(`[data-${name}]:is(a, button)`)].filter((el) => !el.closest("template") && !leadsHere(el));
const lines = () => [...document.querySelectorAll(LINES)]
  .filter((line) => line.checkVisibility()).map((line) => line.querySelector("a[href]")).filter(Boolean);

const textOf = (el) => [...el.childNodes].filter((n) => n.nodeName !== "KBD").map((n) => n.textContent).join(" ");
const wordsOf = (el) => (el.dataset.keyLabel ?? (el.title || textOf(el))).replace(/\s+/g, " ").trim();

function known(list) {
  const found = new Map([[onMac ? "⌘ K" : "Ctrl K", document.getElementById("palette")?.getAttribute("aria-label")]]);
  const note = (key, words) => found.has(key) || found.set(key, words);
  for (const el of bearing("key")) note(el.dataset.key.toUpperCase(), wordsOf(el));
  if (lines().length) note("J K", list.dataset.rows);
  note("Esc", list.dataset.close);
  for (const el of bearing("go")) note(`G ${el.dataset.go.toUpperCase()}`, list.dataset.go.replace("#", wordsOf(el)));
  return found;
}

function fillList() {
  const list = document.querySelector("#keys .key-list");
  if (!list) return;
  list.replaceChildren();
  for (const [keys, words] of known(list)) {
    if (!words) continue;
    const [dt, dd] = [document.createElement("dt"), document.createElement("dd")];
    for (const key of keys.split(" ")) dt.append(Object.assign(document.createElement("kbd"), { textContent: key }), " ");
    dd.textContent = words;
    list.append(dt, dd);
  }
}

// The line that has the focus, else none: the first step leads to the first line, or back to the last.
function step(forward) {
  const all = lines();
  if (!all.length) return false;
  const here = document.activeElement?.closest(LINES);
  const at = here ? all.findIndex((link) => here.contains(link)) : -1;
  const next = all[Math.min(Math.max(at < 0 && !forward ? all.length - 1 : at + (forward ? 1 : -1), 0), all.length - 1)];
  next.focus();
  next.scrollIntoView({ block: "nearest" });
  return true;
}

let going = 0; // until when the letter of a section is waited for

function meant(key) {
  const wanted = performance.now() < going ? bearing("go").find((el) => el.dataset.go === key) : null;
  going = !wanted && key === "g" ? performance.now() + PATIENCE : 0;
  if (going) return true;
  const bearer = wanted ?? bearing("key").find((el) => el.dataset.key === key);
  bearer?.click();
  return Boolean(bearer) || (["j", "k"].includes(key) && step(key === "j"));
}

function answer(event) {
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
    event.preventDefault();
    openDialog("palette");
    return;
  }
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || event.defaultPrevented) return;
  if (event.target.closest?.(TYPING) || document.querySelector("dialog[open]") || recall(OFF)) return;
  if (meant(event.key.toLowerCase())) event.preventDefault();
}

// Screen readers are told the single keys, as long as they work.
function tell() {
  for (const el of document.querySelectorAll("[data-key]")) {
    if (recall(OFF)) el.removeAttribute("aria-keyshortcuts");
    else el.setAttribute("aria-keyshortcuts", el.dataset.key);
  }
}

export function startKeys() {
  if (onMac) for (const kbd of document.querySelectorAll("kbd[data-ctrl]")) kbd.textContent = `⌘ ${kbd.dataset.ctrl}`;
  document.addEventListener("keydown", answer);
  document.getElementById("keys")?.addEventListener("toggle", fillList);
  tell();
  for (const event of ["live:refetched", "htmx:afterSettle"]) document.addEventListener(event, tell);
  const toggle = document.querySelector("[data-keys-switch]");
  if (!toggle) return;
  toggle.checked = !recall(OFF);
  toggle.addEventListener("change", () => {
    remember(OFF, toggle.checked ? null : "yes");
    tell();
  });
}
