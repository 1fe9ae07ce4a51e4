// The matrix of rights and roles. Only touched ticks are sent, and they stay ticked while others' changes come in.
const pending = new Map(); // "front_desk:folio_post" → what it shall be
const matrix = () => document.getElementById("role-matrix");
const bar = document.getElementById("role-changes");
const find = document.getElementById("find-right");
const page = document.querySelector(".roles-page");

const ticks = () => matrix().querySelectorAll("[data-tick]");

// What the server drew is the tick's default: a touched tick that equals it is no change (any more).
function settle() {
  for (const tick of ticks()) {
    const wanted = pending.get(tick.dataset.tick);
    if (wanted === tick.defaultChecked || tick.disabled) pending.delete(tick.dataset.tick);
    const touched = pending.has(tick.dataset.tick);
    tick.checked = touched ? wanted : tick.defaultChecked;
    tick.closest("td").classList.toggle("pending", touched);
  }
  if (!bar) return;
  const words = bar.querySelector(".words");
  bar.hidden = pending.size === 0;
  words.textContent = pending.size === 1 ? words.dataset.one : words.dataset.many.replace("{n}", pending.size);
  bar.elements.toggles.value = [...pending].map(([tick, on]) => `${tick}:${on ? 1 : 0}`).join(" ");
}

function show(role) {
  page.dataset.shown = role;
  for (const cell of matrix().querySelectorAll("[data-role]")) cell.classList.toggle("shown", cell.dataset.role === role);
  const choice = document.getElementById("role-shown");
  if (choice && choice.value !== role) choice.value = role;
}

function search() {
  const wanted = find.value.trim().toLocaleLowerCase();
  let found = 0;
  for (const body of matrix().querySelectorAll("tbody")) {
    let here = 0;
    for (const row of body.querySelectorAll("[data-words]")) {
      row.hidden = !row.dataset.words.toLocaleLowerCase().includes(wanted);
      if (!row.hidden) here += 1;
    }
    body.hidden = here === 0;
    found += here;
  }
  matrix().querySelector(".none-found").hidden = found > 0;
}

// The heads of the groups stand below the head of the table, however many lines the roles' names take.
function measure() {
  const head = matrix().querySelector("thead");
  matrix().style.setProperty("--matrix-head", `${head.offsetHeight}px`);
}

function again() {
  settle();
  show(page.dataset.shown);
  search();
  measure();
}

document.addEventListener("change", (event) => {
  if (event.target.id === "role-shown") show(event.target.value);
  if (!event.target.matches("[data-tick]")) return;
  pending.set(event.target.dataset.tick, event.target.checked);
  settle();
});
bar?.querySelector("[data-discard]").addEventListener("click", () => {
  pending.clear();
  settle();
});
find.addEventListener("input", search);
find.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  find.value = "";
  search();
});
document.addEventListener("live:refetched", again);
addEventListener("resize", measure);
// Ticks that nobody has saved would be gone with the page.
addEventListener("beforeunload", (event) => pending.size && event.preventDefault());
again();
