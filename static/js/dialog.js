// Native dialogs: data-dialog="id" opens one, data-close or a click beside it closes it.
// What the server puts into #dialog opens it; HX-Trigger "dialog:close" or an empty answer closes it.
const shared = () => document.getElementById("dialog");

export function openDialog(id) {
  const dialog = document.getElementById(id);
  if (!dialog || dialog.open) return null;
  for (const other of document.querySelectorAll("dialog[open]")) other.close();
  dialog.showModal();
  enter(dialog);
  return dialog;
}

// Not the close button, which stands first: the first thing to fill in, or what is wrong.
function enter(dialog) {
  const fields = ".body :is(input:not([type='hidden'], [type='checkbox'], [type='radio']), select, textarea)";
  const first = ["[aria-invalid='true']", "[autofocus]", fields].map((way) => dialog.querySelector(way)).find(Boolean);
  first?.focus();
}

function follow(dialog) {
  const filled = dialog.childElementCount > 0;
  if (filled && !dialog.open) dialog.showModal();
  if (!filled && dialog.open) dialog.close();
  if (filled) enter(dialog);
}

export function startDialogs() {
  document.addEventListener("click", (event) => {
    const opener = event.target.closest("[data-dialog]");
    if (opener && opener.getAttribute("aria-disabled") !== "true") openDialog(opener.dataset.dialog);
    if (event.target.closest("[data-close]")) event.target.closest("dialog")?.close();
  });
  // A click on the backdrop: pressed and released outside, so that selecting text never closes a form.
  let pressedOutside = false;
  document.addEventListener("pointerdown", (event) => {
    pressedOutside = event.target.matches("dialog") && !within(event.target, event);
  });
  document.addEventListener("click", (event) => {
    if (pressedOutside && event.target.matches("dialog") && !within(event.target, event)) event.target.close();
  });
  document.addEventListener("htmx:afterSwap", (event) => {
    const dialog = event.target.closest?.("#dialog");
    if (dialog) follow(dialog);
  });
  // Closed is closed: nothing of it stays behind, so no id and no field name stands twice on the page.
  shared()?.addEventListener("close", (event) => {
    for (const child of [...event.target.children]) if (child.id !== "toasts") child.remove();
  });
  document.addEventListener("dialog:close", () => shared()?.close());
}

function within(dialog, { clientX: x, clientY: y }) {
  const box = dialog.getBoundingClientRect();
  return x >= box.left && x <= box.right && y >= box.top && y <= box.bottom;
}
