// Short messages that pass. The server sends them as HX-Trigger: {"toast": {"text", "tone", "undo", "seconds"}};
// undo is the address that takes the act back, open for 10 seconds.
const LOOK_SECONDS = 6;
const UNDO_SECONDS = 10;

const word = (name) => document.getElementById("words")?.dataset[name] ?? "";

export function toast({ text, tone = "green", undo = "", seconds = undo ? UNDO_SECONDS : LOOK_SECONDS }) {
  const region = document.getElementById("toasts");
  const template = document.getElementById("toast-template");
  if (!region || !template || !text) return;
  // The same words twice are one message, seen again.
  for (const shown of region.querySelectorAll(".toast-text")) {
    if (shown.textContent === text) shown.closest(".toast").remove();
  }
  const item = template.content.firstElementChild.cloneNode(true);
  item.dataset.tone = tone;
  item.querySelector(".toast-text").textContent = text;
  if (tone === "red" || tone === "amber") warn(item);
  region.append(item);
  lift();
  run(item, { undo, seconds });
}

function warn(item) {
  const use = item.querySelector("use");
  use.setAttribute("href", use.getAttribute("href").replace(/#.*$/, "#triangle-alert"));
}

function run(item, { undo, seconds }) {
  const button = item.querySelector("[data-undo]");
  const countdown = item.querySelector(".countdown");
  let left = seconds;
  let paused = false;
  if (undo && button) {
    button.hidden = false;
    button.addEventListener("click", () => {
      window.htmx.ajax("POST", undo, { source: document.body, target: "body", swap: "none" });
      leave();
    });
  }
  const tick = setInterval(() => {
    if (paused) return;
    left -= 1;
    if (undo && countdown) countdown.textContent = `${left} s`;
    if (left <= 0) leave();
  }, 1000);
  if (undo && countdown) countdown.textContent = `${left} s`;
  function leave() {
    clearInterval(tick);
    item.classList.add("leaving");
    setTimeout(() => item.remove(), 250);
  }
  // Whoever reads or tabs into it gets the time to do so; an undo keeps counting, because the server does too.
  for (const [on, off] of [["pointerenter", "pointerleave"], ["focusin", "focusout"]]) {
    item.addEventListener(on, () => { paused = !undo; });
    item.addEventListener(off, () => { paused = false; });
  }
  item.querySelector("[data-dismiss]")?.addEventListener("click", leave);
}

const ANSWERS = { 401: "signedOut", 403: "denied", 404: "gone", 409: "busy", 423: "busy", 429: "wait", 503: "busy" };

function refusal(xhr) {
  // A refusal with words of its own says them itself (HX-Trigger); the rest get ours.
  if (/"?toast"?/.test(xhr.getResponseHeader("HX-Trigger") ?? "") || xhr.getResponseHeader("X-Prove")) return;
  toast({ text: word(ANSWERS[xhr.status] ?? "error"), tone: xhr.status < 500 ? "amber" : "red", seconds: 10 });
}

// A modal dialog covers and silences the rest of the page: messages then stand inside it.
function lift() {
  const open = [...document.querySelectorAll("dialog[open]")].at(-1);
  (open ?? document.body).append(document.getElementById("toasts"));
}

export function startToasts() {
  document.addEventListener("close", lift, true);
  document.addEventListener("htmx:beforeSwap", (event) => {
    // What is swapped must not take the messages with it.
    if (event.detail.target?.closest("dialog")) document.body.append(document.getElementById("toasts"));
  });
  document.addEventListener("htmx:afterSettle", () => document.querySelector("#toasts > *") && lift());
  for (const item of document.querySelectorAll("#toasts .toast")) {
    const undo = item.dataset.undoUrl ?? "";
    run(item, { undo, seconds: undo ? UNDO_SECONDS : LOOK_SECONDS });
  }
  document.addEventListener("toast", (event) => toast(event.detail));
  document.addEventListener("htmx:responseError", (event) => refusal(event.detail.xhr));
  document.addEventListener("htmx:sendError", () => toast({ text: word("offline"), tone: "amber", seconds: 10 }));
  document.addEventListener("htmx:timeout", () => toast({ text: word("timeout"), tone: "amber", seconds: 10 }));
}
