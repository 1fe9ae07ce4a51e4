// Forms: the first wrong field gets the focus, a blocked act explains itself, nothing is sent twice.

const FIELDS = "input:not([type=hidden]), textarea, select";

// Somebody is at a field, or has changed it and not sent it yet: nothing that comes from outside touches it.
export function isAt(field) {
  if (!field.matches(FIELDS) || field.matches("[data-tick]")) return false; // the matrix keeps its ticks itself
  if (field === document.activeElement) return true;
  if (field.matches("[type=checkbox], [type=radio]")) return field.checked !== field.defaultChecked;
  if (field.localName === "select") return isChosen(field);
  return field.value !== field.defaultValue;
}

// Where the page chose nothing the browser shows the first option.
function isChosen({ options, selectedIndex }) {
  const byPage = [...options].some((one) => one.defaultSelected);
  return byPage ? [...options].some((one) => one.selected !== one.defaultSelected) : selectedIndex > 0;
}

// Wrong as a whole (a password that does not fit): the first field left empty, else the message itself.
function whereToGoOn(root) {
  const message = root.querySelector?.(".form-errors");
  return message?.closest("form")?.querySelector("input:required:placeholder-shown, input:required:invalid") ?? message;
}

function focusFirstWrong(root) {
  const wrong = root.querySelector?.("[aria-invalid='true']") ?? whereToGoOn(root);
  wrong?.focus({ preventScroll: false });
  if (wrong?.matches("input:not([type='checkbox'], [type='radio'], [type='date'], [type='number'])")) wrong.select?.();
}

function explain(button) {
  const reason = document.getElementById(button.getAttribute("aria-describedby") ?? "");
  if (!reason) return;
  reason.classList.remove("fresh");
  void reason.offsetWidth; // lets the flash start over
  reason.classList.add("fresh");
  reason.querySelector("a, button")?.focus();
}

export function startForms() {
  focusFirstWrong(document.getElementById("main") ?? document);
  document.querySelector("#main .conflict")?.focus();
  document.addEventListener("htmx:afterSettle", (event) => {
    if (event.detail.xhr?.status === 422) focusFirstWrong(event.target);
    if (event.detail.xhr?.status === 409) event.target.querySelector?.(".conflict")?.focus();
  });
  // In the capturing phase: before htmx, before a form is sent.
  document.addEventListener("click", (event) => {
    const blocked = event.target.closest("[aria-disabled='true']");
    if (!blocked) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    explain(blocked);
  }, true);
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented || form.matches("[hx-post], [hx-put], [hx-patch], [hx-delete], [hx-get]")) return;
    if (form.getAttribute("aria-busy") === "true") event.preventDefault();
    form.setAttribute("aria-busy", "true");
    event.submitter?.setAttribute("aria-busy", "true");
  });
  // Back from the next page: the form is ready again.
  window.addEventListener("pageshow", (event) => {
    if (!event.persisted) return;
    for (const busy of document.querySelectorAll("[aria-busy='true']")) busy.removeAttribute("aria-busy");
  });
}
