// Paper shows what is folded away on the screen, and says when it was printed.
export function startPrint() {
  const opened = new Set();
  addEventListener("beforeprint", () => {
    const moment = document.querySelector(".printed time");
    if (moment) {
      const now = new Date();
      moment.dateTime = now.toISOString();
      moment.textContent = now.toLocaleString(document.documentElement.lang, { dateStyle: "medium", timeStyle: "short" });
    }
    for (const folded of document.querySelectorAll("main details:not([open], .menu)")) {
      folded.open = true;
      opened.add(folded);
    }
  });
  addEventListener("afterprint", () => {
    for (const folded of opened) folded.open = false;
    opened.clear();
  });
  document.addEventListener("click", (event) => {
    if (!event.target.closest("[data-print]")) return;
    event.target.closest("dialog")?.close();
    print();
  });
}
