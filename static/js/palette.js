// The palette filters what stands in it. Arrows choose, Enter opens; letters match anywhere in a word's beginning.
const plain = (text) => text.toLocaleLowerCase().normalize("NFD").replace(/\p{M}/gu, "").trim();

export function startPalette() {
  const palette = document.getElementById("palette");
  const input = palette?.querySelector("input");
  if (!palette || !input) return;
  const none = palette.querySelector("[data-none]");
  const all = () => [...palette.querySelectorAll("[role='option']")];
  const shown = () => all().filter((option) => !option.hidden);

  function choose(option) {
    for (const other of all()) other.setAttribute("aria-selected", String(other === option));
    if (option) input.setAttribute("aria-activedescendant", option.id);
    else input.removeAttribute("aria-activedescendant");
    option?.scrollIntoView({ block: "nearest" });
  }

  function filter() {
    const words = plain(input.value).split(/\s+/).filter(Boolean);
    for (const option of all()) {
      const parts = plain(option.querySelector("span").textContent).split(/[\s&-]+/);
      option.hidden = !words.every((word) => parts.some((part) => part.startsWith(word)));
    }
    if (none) none.hidden = shown().length > 0;
    choose(shown()[0]);
  }

  palette.addEventListener("toggle", () => {
    if (!palette.open) return;
    input.value = "";
    filter();
    input.focus();
  });
  input.addEventListener("input", filter);
  input.addEventListener("keydown", (event) => {
    const options = shown();
    const here = options.findIndex((option) => option.getAttribute("aria-selected") === "true");
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      const step = event.key === "ArrowDown" ? 1 : -1;
      choose(options[(here + step + options.length) % options.length]);
    } else if (event.key === "Enter") {
      event.preventDefault();
      options[here]?.click();
    }
  });
}
