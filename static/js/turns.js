// What hangs on the hotel's clock (its calendar day, the greeting) changes without an event: the server says when, and
// the page asks then for all of it. Checked every second, so a laptop that slept through it asks when it wakes.
import { refetchAll } from "pms/pieces";

const SPREAD = 20_000; // the pages of a hotel must not all ask in the moment of midnight

const page = document.body.dataset;
let [ahead, turns, asked] = [0, 0, false];

// Our clock may be wrong: what counts is the server's, as far as ours was ahead of it when the page was drawn.
function read() {
  ahead = Date.now() - Number(page.clockNow);
  turns = Number(page.clockTurns) + Math.random() * SPREAD;
  asked = false;
}

function look() {
  if (asked || Date.now() - ahead < turns) return;
  asked = true; // until it is answered; pieces.js asks again by itself while the line is down
  refetchAll();
}

if (page.clockTurns) {
  read();
  // Another answer in between may be about one region only: the rest still has to be asked for.
  document.addEventListener("live:refetched", () => asked && read());
  setInterval(look, 1000);
}
