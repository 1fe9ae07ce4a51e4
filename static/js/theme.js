// Light, dark or as the device wants it; other tabs follow.
import { recall, remember } from "pms/store";

const root = document.documentElement;

function show(wanted) {
  if (wanted === "light" || wanted === "dark") root.dataset.theme = wanted;
  else delete root.dataset.theme;
  for (const button of document.querySelectorAll("[data-theme-set]")) {
    button.setAttribute("aria-pressed", String(button.dataset.themeSet === (root.dataset.theme ?? "auto")));
  }
}

export function startTheme() {
  show(recall("theme"));
  document.addEventListener("click", (event) => {
    const wanted = event.target.closest("[data-theme-set]")?.dataset.themeSet;
    if (!wanted) return;
    remember("theme", wanted === "auto" ? null : wanted);
    show(wanted);
  });
  window.addEventListener("storage", (event) => {
    if (event.key === "theme") show(event.newValue);
  });
}
