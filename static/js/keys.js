// One script for all keys. Whatever carries data-key="n" answers to N while nobody types; ? lists them.
import { openDialog } from "pms/dialog";
import { recall, remember } from "pms/store";

const OFF = "keys-off";
const TYPING = "input:not([type='checkbox'], [type='radio'], [type='button']), textarea, select, [contenteditable]";
const onMac = /mac|iphone|ipad/i.test(navigator.userAgentData?.platform ?? navigator.platform);

// A link to the page that is open would throw away what was begun there.
const leadsHere = (el) => el.href && new URL(el.href).pathname === location.pathname;
const bearers = () =>
  [...document.querySelectorAll("[data-key]")].filter((el) => !el.closest("template") && !leadsHere(el));

const textOf = (el) => [...el.childNodes].filter((n) => n.nodeName !== "KBD").map((n) => n.textContent).join(" ");

function fillList() {
  const list = document.querySelector("#keys .key-list");
  if (!list) return;
  const known = new Map([[onMac ? "⌘ K" : "Ctrl K", document.getElementById("palette")?.getAttribute("aria-label")]]);
  for (const el of bearers()) {
    const words = el.dataset.keyLabel ?? (el.title || textOf(el));
    if (!known.has(el.dataset.key.toUpperCase())) known.set(el.dataset.key.toUpperCase(), words.replace(/\s+/g, " ").trim());
  }
  list.replaceChildren();
  for (const [key, words] of known) {
    if (!words) continue;
    const dt = document.createElement("dt");
    const dd = document.createElement("dd");
    dt.append(Object.assign(document.createElement("kbd"), { textContent: key }));
    dd.textContent = words;
    list.append(dt, dd);
  }
}

function answer(event) {
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
    event.preventDefault();
    openDialog("palette");
    return;
  }
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || event.defaultPrevented) return;
  if (event.target.closest?.(TYPING) || document.querySelector("dialog[open]")) return;
  if (recall(OFF)) return;
  const bearer = bearers().find((el) => el.dataset.key === event.key.toLowerCase());
  if (!bearer) return;
  event.preventDefault();
  bearer.click();
}

export function startKeys() {
  if (onMac) for (const kbd of document.querySelectorAll("kbd[data-ctrl]")) kbd.textContent = `⌘ ${kbd.dataset.ctrl}`;
  document.addEventListener("keydown", answer);
  document.getElementById("keys")?.addEventListener("toggle", fillList);
  const toggle = document.querySelector("[data-keys-switch]");
  if (!toggle) return;
  toggle.checked = !recall(OFF);
  toggle.addEventListener("change", () => remember(OFF, toggle.checked ? null : "yes"));
}
