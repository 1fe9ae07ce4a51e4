// <details class="menu">: one open at a time; a click elsewhere or Esc closes it and gives the focus back.
const openMenus = () => document.querySelectorAll("details.menu[open]");

export function startMenus() {
  document.addEventListener("click", (event) => {
    for (const menu of openMenus()) {
      const chosen = event.target.closest("a, button");
      if (!menu.contains(event.target) || (chosen && !chosen.matches("[data-theme-set]"))) menu.open = false;
    }
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    for (const menu of openMenus()) {
      if (menu.contains(document.activeElement)) menu.querySelector("summary")?.focus();
      menu.open = false;
    }
  });
  document.addEventListener("focusin", (event) => {
    for (const menu of openMenus()) if (!menu.contains(event.target)) menu.open = false;
  });
  // Arrows walk through an open menu.
  document.addEventListener("keydown", (event) => {
    if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
    const menu = event.target.closest?.("details.menu[open]");
    if (!menu || event.target.matches("input, textarea, select")) return;
    const entries = [...menu.querySelectorAll(".panel :is(a, button):not([hidden])")];
    const here = entries.indexOf(document.activeElement);
    const next = event.key === "ArrowDown" ? here + 1 : here < 0 ? entries.length - 1 : here - 1;
    event.preventDefault();
    entries[(next + entries.length) % entries.length]?.focus();
  });
}
