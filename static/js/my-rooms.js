// My rooms: a tap carries a key, so that a repeat counts once; a tap that did not get through stays on its card.
const keys = new Map();

// Not crypto.randomUUID: phones in the house's own network come without https.
const random = () => [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
const formOf = (event) => event.detail.elt?.closest?.("form[data-keyed]");
const actOf = (path, sent) => `${path} ${sent.condition} ${sent.version}`;

document.addEventListener("htmx:configRequest", (event) => {
  if (!formOf(event)) return;
  const act = actOf(event.detail.path, event.detail.parameters);
  if (!keys.has(act)) keys.set(act, random());
  event.detail.parameters.key = keys.get(act);
});

document.addEventListener("htmx:afterRequest", (event) => {
  const { requestConfig: asked, xhr } = event.detail;
  const form = asked?.elt?.closest?.("form[data-keyed]");
  if (!form) return;
  const lost = xhr.status === 0 || xhr.status >= 500;
  // Lost: the same key again, for it may have been done and only the answer was lost.
  if (!lost) keys.delete(actOf(asked.path, asked.parameters));
  form.closest(".my-room")?.classList.toggle("unsaved", lost);
});
