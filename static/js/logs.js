// Logs: lists with the newest on top (<ul data-log data-live-list=…>). A day's first line carries its heading; what
// comes in above what somebody reads moves nothing, and a link says how much it is: <a data-newer="id of the list">.
import { listsNamed, piecesOf, placeOf } from "pms/lists";

const anchors = CSS.supports("overflow-anchor", "auto"); // else the browser does not keep what is read where it is

function follow(list) {
  const link = document.querySelector(`[data-newer="${CSS.escape(list.id)}"]`);
  const page = list.closest(".page");
  const came = new Set();

  function headings() {
    let day = "";
    for (const piece of piecesOf(list)) {
      piece.toggleAttribute("data-begins", piece.dataset.day !== day);
      day = piece.dataset.day;
    }
  }

  const box = () => (page && page.scrollHeight > page.clientHeight + 1 ? page : document.scrollingElement);
  const isAtTop = () => !list.dataset.from && (box().scrollTop <= 0 || list.getBoundingClientRect().top >= 0);

  function say() {
    const n = came.size;
    if (n) link.lastElementChild.textContent = n === 1 ? link.dataset.one : link.dataset.many.replace("{n}", n);
    link.hidden = !n;
  }

  function look() {
    if (!came.size || !isAtTop()) return;
    came.clear();
    say();
  }

  function entered({ detail: { piece, topic } }) {
    if (!listsNamed(topic).includes(list)) return;
    const [newest] = piecesOf(list).filter((one) => one !== piece && !came.has(one.id));
    if (isAtTop() || !newest || placeOf(piece) > placeOf(newest)) return;
    came.add(piece.id);
    if (!anchors && piece.isConnected) box().scrollTop += piece.offsetHeight;
    say();
  }

  function toTheNewest(event) {
    if (list.dataset.from) return; // they are not in this document: the link leads to them
    event.preventDefault();
    box().scrollTop = 0;
    look();
    const first = piecesOf(list)[0];
    (first?.querySelector("a, button") ?? list).focus?.({ preventScroll: true });
  }

  for (const scrolled of [page, window]) scrolled?.addEventListener("scroll", look, { passive: true });
  document.addEventListener("pieces:entered", entered);
  document.addEventListener("live:refetched", look);
  link.addEventListener("click", toTheNewest);
  new MutationObserver(headings).observe(list, { childList: true, subtree: true, attributeFilter: ["data-seq"] });
  headings();
}

for (const list of document.querySelectorAll("[data-log]")) follow(list);
