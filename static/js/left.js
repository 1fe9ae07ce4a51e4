// A page, or a form on it, that its reader lost the right to: what she typed is kept where she can copy it.
const FIELDS =
  "input:not([type=checkbox], [type=radio], [type=hidden], [type=password], [type=search], [type=submit], [type=file]), textarea";

// What a person's rights decide, and is drawn anew when they change.
export const FRAME = ["main", ".sidebar nav", ".sidebar .property", ".bottom-nav", ".me", "#more", "#palette"];

let panel = null;
let left = false;

export const hasLeft = () => left;
export const isTyped = () => typed().length > 0;
export const isSignIn = (address) => new URL(address).pathname.startsWith("/account/login/");

function labelOf(field) {
  const label = field.labels?.[0] ?? field.closest("fieldset")?.querySelector("legend");
  return (label?.textContent ?? field.getAttribute("aria-label") ?? "").trim();
}

function typed() {
  const places = ["main", "dialog[open]"].map((place) => `${place} :is(${FIELDS})`).join();
  return [...document.querySelectorAll(places)]
    .filter((field) => field.value.trim() && field.value !== field.defaultValue && !field.closest(".kept"))
    .map((field) => ({ field, label: labelOf(field), text: field.value }));
}

// Call it before a page is drawn anew, and what it returns afterwards: text whose field is gone is shown to be copied.
export function keeping() {
  const before = typed();
  return () => {
    offer(before.filter(({ field }) => !field.isConnected));
    // Drawn anew, the page knows nothing of the panel.
    if (panel && !panel.isConnected) document.getElementById("main")?.prepend(panel);
  };
}

// The page is not (or no longer) its reader's: what happened, where she may still go, and what she had typed. Given the
// right again it is loaded anew. Without an answer of the server she is signed out.
export function leave(fresh, swap) {
  const main = document.getElementById("main");
  const words = fresh?.getElementById("main") ?? document.getElementById("left-template")?.content;
  if (!words || !main) return;
  const keep = keeping();
  closeDialogs();
  main.className = "page";
  main.replaceChildren(...words.cloneNode(true).childNodes);
  for (const name of [".heading", ...FRAME.slice(1)]) swap(document.querySelector(name), fresh?.querySelector(name));
  if (fresh?.title) document.title = fresh.title;
  keep();
  left = true;
  main.focus();
}

// Dialogs would cover the words that say what happened.
function closeDialogs() {
  const shared = document.getElementById("dialog");
  for (const open of document.querySelectorAll("dialog[open]")) open.close();
  shared?.replaceChildren();
}

function offer(texts) {
  if (!texts.length) return;
  const template = document.getElementById("left-template")?.content.querySelector("template");
  if (!template) return;
  panel ??= template.content.firstElementChild.cloneNode(true);
  const one = panel.querySelector("li");
  for (const { label, text } of texts) {
    const item = one.cloneNode(true);
    item.hidden = false;
    item.querySelector(".kept-label").textContent = label;
    item.querySelector("textarea").value = text;
    item.querySelector("textarea").rows = Math.min(6, text.split("\n").length);
    one.parentElement.append(item);
  }
}

async function copy(button) {
  const area = button.closest("li").querySelector("textarea");
  area.select();
  try {
    await navigator.clipboard.writeText(area.value);
  } catch {
    document.execCommand("copy"); // phones in the house's own network come without https
  }
  button.querySelector(".words").textContent = button.dataset.done;
}

document.addEventListener("click", (event) => {
  const button = event.target.closest?.(".kept [data-copy]");
  if (button) copy(button);
  if (event.target.closest?.(".kept [data-forget]")) {
    panel?.remove();
    panel = null;
  }
});
