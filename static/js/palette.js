// The palette filters the pages and acts that stand in it, and asks the house for what they do not name: guests,
// numbers, rooms. Arrows choose, Enter opens; letters match anywhere in a word's beginning.
const plain = (text) => text.toLocaleLowerCase().normalize("NFD").replace(/\p{M}/gu, "").trim();

export function startPalette() {
  const palette = document.getElementById("palette");
  const input = palette?.querySelector("input");
  if (!palette || !input) return;
  const found = palette.querySelector("#palette-found");
  const [none, looking, count] = ["none", "looking", "count"].map((name) => palette.querySelector(`[data-${name}]`));
  const all = () => [...palette.querySelectorAll("[role='option']")];
  const shown = () => all().filter((option) => !option.hidden);
  const chosen = () => all().find((option) => option.getAttribute("aria-selected") === "true");
  let asking = false;
  let enter = false; // pressed before the house had answered: opens what it finds

  function choose(option) {
    for (const other of all()) other.setAttribute("aria-selected", String(other === option));
    if (option) input.setAttribute("aria-activedescendant", option.id);
    else input.removeAttribute("aria-activedescendant");
    option?.scrollIntoView({ block: "nearest" });
  }

  function filter() {
    const words = plain(input.value).split(/\s+/).filter(Boolean);
    for (const option of all()) {
      if ("found" in option.dataset) continue;
      const parts = plain(option.querySelector("span").textContent).split(/[\s&-]+/);
      option.hidden = !words.every((word) => parts.some((part) => part.startsWith(word)));
    }
    const options = shown();
    if (none) none.hidden = options.length > 0 || asking;
    if (looking) looking.hidden = options.length > 0 || !asking;
    if (count) count.textContent = words.length && !asking ? count.dataset.count.replace("#", options.length) : "";
    return options;
  }

  function typed() {
    asking = Boolean(found) && plain(input.value).length > 1;
    enter = false;
    if (!asking) found?.replaceChildren();
    choose(filter()[0]);
  }

  function answered() {
    asking = false;
    // Whoever has chosen already keeps her choice.
    const before = chosen();
    const options = filter();
    choose(options.includes(before) ? before : options[0]);
    if (enter) chosen()?.click();
    enter = false;
  }

  // Emptied when it closes: whoever types fast has written into it before the event of its opening comes.
  palette.addEventListener("close", () => {
    input.value = "";
    typed();
  });
  palette.addEventListener("toggle", () => {
    if (!palette.open) return;
    choose(filter()[0]);
    input.focus();
  });
  input.addEventListener("input", typed);
  // Settled in the same turn as swapped (settle:0ms): an arrow pressed between would choose before this does.
  found?.addEventListener("htmx:afterSettle", answered);
  for (const trouble of ["htmx:responseError", "htmx:sendError", "htmx:timeout"]) {
    input.addEventListener(trouble, answered);
  }
  // What was asked for a longer text must not answer a shorter one.
  input.addEventListener("htmx:beforeRequest", (event) => {
    if (plain(input.value).length < 2) event.preventDefault();
  });
  input.addEventListener("keydown", (event) => {
    const options = shown();
    const here = options.indexOf(chosen());
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      const step = event.key === "ArrowDown" ? 1 : -1;
      choose(options[(here + step + options.length) % options.length]);
    } else if (event.key === "Enter") {
      event.preventDefault();
      if (options[here]) options[here].click();
      else enter = asking;
    }
  });
}
