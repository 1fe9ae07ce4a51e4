// "Is it still you?", asked in the page: what was typed stays, and the refused request is sent again by itself.

let waiting = null;

function dialog() {
  const known = document.getElementById("prove-dialog");
  if (known) return known;
  const made = document.createElement("dialog");
  made.id = "prove-dialog";
  made.className = "dialog";
  made.setAttribute("aria-labelledby", "prove-title");
  made.addEventListener("submit", (event) => {
    event.preventDefault();
    answer(event.target);
  });
  made.addEventListener("close", () => made.replaceChildren());
  document.body.append(made);
  return made;
}

function show(html) {
  const box = dialog();
  window.htmx.swap(box, html, { swapStyle: "innerHTML" });
  if (!box.open) box.showModal();
  (box.querySelector("[aria-invalid='true']") ?? box.querySelector("input:not([type='hidden'])"))?.focus();
}

async function ask(url) {
  const reply = await fetch(url);
  if (reply.ok) show(await reply.text());
}

async function answer(form) {
  const reply = await fetch(form.action, { method: "POST", body: new FormData(form) });
  if (reply.status === 204) {
    dialog().close();
    repeat();
  } else {
    show(await reply.text());
  }
}

// As if the person had done it again: the values are read from the page anew, so nothing old is sent.
function repeat() {
  const { elt, triggeringEvent } = waiting ?? {};
  waiting = null;
  if (!elt?.isConnected) return;
  if (elt.matches("form")) elt.requestSubmit(triggeringEvent?.submitter?.isConnected ? triggeringEvent.submitter : undefined);
  else window.htmx.trigger(elt, triggeringEvent?.type ?? "click");
}

export function startProving() {
  document.addEventListener("htmx:afterRequest", (event) => {
    const url = event.detail.xhr?.getResponseHeader("X-Prove");
    if (!url) return;
    waiting = { elt: event.detail.elt, triggeringEvent: event.detail.requestConfig?.triggeringEvent };
    ask(url);
  });
}
