// Photos of a room type: sent one by one with their progress, dropped or chosen; put in order by dragging.
// Without this script the form sends them all at once, and buttons move them.
const form = document.querySelector("form[data-photos]");
const chooser = form?.querySelector("input[type='file']");
const list = form?.querySelector(".sending");
let line = Promise.resolve();

const drawAnew = () => document.dispatchEvent(new CustomEvent("pieces:changed", { detail: { value: "room_type_photos" } }));

function begin(file) {
  const item = document.createElement("li");
  const name = document.createElement("span");
  const bar = document.createElement("progress");
  name.className = "clip";
  name.textContent = file.name;
  bar.max = 1;
  bar.value = 0;
  bar.setAttribute("aria-label", file.name);
  item.append(name, bar);
  list.append(item);
  return { item, bar };
}

// One after the other: a phone's line is narrow, and the server reads one picture at a time.
function send(file) {
  const { item, bar } = begin(file);
  const say = (tone, text) => {
    const words = document.createElement("span");
    words.textContent = text;
    item.dataset.tone = tone;
    bar.replaceWith(words);
    if (tone === "green") setTimeout(() => item.remove(), 3000);
  };
  line = line.then(() => new Promise((settled) => {
    const request = new XMLHttpRequest();
    const body = new FormData();
    body.append("csrfmiddlewaretoken", form.elements.csrfmiddlewaretoken.value);
    body.append("photos", file, file.name);
    request.open("POST", form.action);
    request.setRequestHeader("Accept", "application/json");
    request.responseType = "json";
    request.upload.addEventListener("progress", ({ loaded, total }) => { bar.value = total ? loaded / total : 0; });
    request.addEventListener("load", () => {
      if (request.status === 200) say("green", form.dataset.done);
      else say("red", request.response?.detail ?? form.dataset.broken);
      if (request.status === 200) drawAnew();
      settled();
    });
    for (const name of ["error", "abort", "timeout"]) request.addEventListener(name, () => { say("red", form.dataset.broken); settled(); });
    request.send(body);
  }));
}

if (form) {
  form.classList.add("scripted");
  chooser.addEventListener("change", () => {
    for (const file of chooser.files) send(file);
    chooser.value = "";
  });
  form.addEventListener("dragover", (event) => {
    if (![...event.dataTransfer.types].includes("Files")) return;
    event.preventDefault();
    form.classList.add("over");
  });
  form.addEventListener("dragleave", () => form.classList.remove("over"));
  form.addEventListener("drop", (event) => {
    event.preventDefault();
    form.classList.remove("over");
    for (const file of event.dataTransfer.files) send(file);
  });
}

let held = null;
const keys = (grid) => [...grid.querySelectorAll("[data-photo]")].map((item) => item.dataset.photo).join(",");

document.addEventListener("dragstart", (event) => {
  held = event.target.closest?.("[data-photo]") ?? null;
  if (!held) return;
  event.dataTransfer.effectAllowed = "move";
  event.dataTransfer.setData("text/plain", held.dataset.photo);
  held.dataset.from = keys(held.parentElement);
  held.classList.add("held");
});
document.addEventListener("dragover", (event) => {
  const over = held && event.target.closest?.("[data-photo]");
  if (!over || over.parentElement !== held.parentElement) return;
  event.preventDefault();
  if (over === held) return;
  const after = held.compareDocumentPosition(over) & Node.DOCUMENT_POSITION_FOLLOWING;
  over[after ? "after" : "before"](held);
});
document.addEventListener("drop", (event) => { if (held) event.preventDefault(); });
document.addEventListener("dragend", () => {
  if (!held) return;
  held.classList.remove("held");
  const order = keys(held.parentElement);
  const url = document.getElementById("photo-order").getAttribute("hx-post");
  // A refusal puts them back: the server's order counts.
  if (held.isConnected && order !== held.dataset.from) {
    window.htmx.ajax("POST", url, { values: { order }, swap: "none" }).finally(drawAnew);
  }
  held = null;
});
