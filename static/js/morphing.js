// Draws new HTML over old, element by element: what is newer, open or being typed in stays.

import { isAt } from "pms/forms";

const FLASH = 1800;
const MOST_FLASHES = 12;

export const seqOf = (element) => Number(element?.dataset?.seq ?? 0);

export function sameSight(old, fresh) {
  const bare = (element) => element.outerHTML.replace(/ data-seq="\d*"/g, "").replace(/ class="[^"]*"/g, "");
  return bare(old) === bare(fresh);
}

let toFlash = new Set();

export function flash(element) {
  if (!element) return;
  if (!toFlash.size) requestAnimationFrame(flashTogether);
  toFlash.add(element);
}

// One layout for all of a frame. In a burst (a night audit touches every room) no eye follows single flashes.
function flashTogether() {
  const pieces = [...toFlash].filter((piece) => piece.isConnected);
  toFlash = new Set();
  for (const piece of pieces) piece.classList.remove("fresh");
  if (document.getElementsByClassName("fresh").length + pieces.length > MOST_FLASHES) return;
  void document.body.offsetWidth; // restarts the animations
  for (const piece of pieces) {
    piece.classList.add("fresh");
    setTimeout(() => piece.classList.remove("fresh"), FLASH);
  }
}

export function morph(old, fresh) {
  window.Idiomorph.morph(old, fresh, {
    morphStyle: "outerHTML",
    callbacks: { beforeNodeMorphed: keepWhatIsNewer },
  });
  const now = old.id ? document.getElementById(old.id) : null;
  if (now) window.htmx.process(now);
}

// Returning false keeps the old node: it is newer than what came, somebody is typing in it, or it is open.
function keepWhatIsNewer(old, fresh) {
  if (old.nodeType !== Node.ELEMENT_NODE) return true;
  if (old.dataset.at) return false; // who else is here comes over the socket alone
  if (old.dataset.seq && fresh.dataset?.seq && seqOf(old) > seqOf(fresh)) return false;
  if (isAt(old)) return false;
  if (old.matches("details[open], dialog[open]") && fresh.setAttribute) fresh.setAttribute("open", "");
  return true;
}
