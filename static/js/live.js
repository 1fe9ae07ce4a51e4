// The page's one socket: where the page stands, what it shows, and how it finds its way back (docs/live.md).
import { hasLeft, isTyped } from "pms/left";
import { forgetNumbers, place, refetch, refetchAll } from "pms/pieces";
import { company, lineDown, lineUp } from "pms/presence";
import { stamp } from "pms/states";

const SILENCE = 10_000; // heartbeats come every 3 s: after three missed ones the line is dead, whatever TCP says
const FIRST_PAUSE = 300;
const LONGEST_PAUSE = 10_000; // unless the server is crowded
const RIGHTS_GONE = 4403;
const SIGNED_OUT = 4401;

const page = document.body.dataset;
const place_in_stream = { seq: Number(page.liveHead) || 0, epoch: page.liveEpoch ?? "" };
const topics = (page.liveTopics ?? "").split(" ").filter(Boolean);

let socket = null;
let attempts = 0;
let heardAt = 0;
let retry = 0;
let lostAt = 0;
let asOf = Date.now(); // what the page shows was right then
let finished = false;
let welcomed = false;
let spread = FIRST_PAUSE; // what the server's pages take, together, to come back; each heartbeat tells it

function connect() {
  clearTimeout(retry);
  if (finished || (socket && socket.readyState <= WebSocket.OPEN)) return;
  const scheme = location.protocol === "https:" ? "wss:" : "ws:";
  const opened = new WebSocket(`${scheme}//${location.host}${page.liveUrl}`);
  socket = opened;
  heardAt = Date.now();
  opened.addEventListener("open", () => {
    // First subscribe, then catch up: what happened since the page was drawn comes with the welcome.
    opened.send(JSON.stringify({ t: "hello", ...place_in_stream, topics, user: page.liveUser, rights: page.liveRights }));
  });
  opened.addEventListener("message", (event) => {
    if (opened !== socket) return;
    heardAt = Date.now();
    hear(JSON.parse(event.data));
  });
  opened.addEventListener("close", (event) => {
    if (opened === socket) lost(event.code);
  });
}

const HEARD = {
  welcome({ epoch }) {
    attempts = 0;
    welcomed = true;
    if (epoch !== place_in_stream.epoch) forgetNumbers();
    place_in_stream.epoch = epoch;
    wellAgain();
    lineUp(tell);
  },
  news({ seq, pieces, partial }) {
    asOf = Date.now();
    for (const piece of pieces) place({ seq, ...piece });
    if (!partial) reached(seq);
  },
  mark: ({ m }) => acknowledge(m),
  // The line holds, but the hotel's records cannot be read: what we show may be old.
  away() {
    lostAt ||= Date.now();
    say("reconnecting");
  },
  beat(message) {
    wellAgain();
    spread = Math.max(FIRST_PAUSE, message.spread);
    reached(message.seq);
    acknowledge(message.m);
  },
  resync({ seq }) {
    // Also a step back: a database that was put back counts on from where it stood then.
    if (seq < place_in_stream.seq) forgetNumbers();
    place_in_stream.seq = seq;
    refetchAll();
  },
  rights: () => refetchAll({ frame: true }),
  present: company,
  hint: ({ hint }) => refetch([...document.querySelectorAll(`[data-live-hint~="${CSS.escape(hint)}"]`)]),
};

function hear(message) {
  HEARD[message.t]?.(message);
}

function wellAgain() {
  const away = lostAt > 0;
  asOf = Date.now();
  say("live");
  if (away) HEARD.hint({ hint: "bell" }); // personal hints are not kept: one may have been missed
}

function reached(seq) {
  if (seq > place_in_stream.seq) place_in_stream.seq = seq;
}

function tell(message) {
  if (socket?.readyState === WebSocket.OPEN) socket.send(JSON.stringify(message));
}

function acknowledge(read) {
  if (read !== undefined) tell({ t: "ack", m: read });
}

function lost(code) {
  socket = null;
  lineDown();
  if (code === RIGHTS_GONE) {
    finished = true;
    say("live");
    refetchAll({ frame: true });
    return;
  }
  // Ended under an open page: this browser may have another session by now (a new password renews it), so it knocks
  // once more. Only who is refused at the door is signed out.
  const refused = code === SIGNED_OUT && !welcomed;
  welcomed = false;
  // Before all else: a page that says already what happened, beside what was typed, must not be loaded over it.
  if (hasLeft()) {
    finished = true;
    say("live");
    return;
  }
  if (refused && !isTyped()) {
    finished = true;
    location.reload(); // the server shows the way to sign in and back to this page
    return;
  }
  // What she typed would be lost: the way to sign in is drawn into the page, beside what is kept.
  if (refused) refetchAll({ frame: true });
  lostAt ||= Date.now();
  say(navigator.onLine ? "reconnecting" : "offline");
  // Full jitter over what a return of all takes: after a restart a thousand pages must not come in the same moment.
  const pause = Math.min(Math.max(LONGEST_PAUSE, 2 * spread), spread * 2 ** attempts);
  attempts += 1;
  // The new session comes with an answer that may still be under way.
  retry = setTimeout(connect, Math.random() * pause + (code === SIGNED_OUT ? FIRST_PAUSE : 50));
}

function hurry() {
  attempts = 0;
  if (!socket) connect();
}

function say(state) {
  const shown = document.getElementById("connection");
  if (state === "live") lostAt = 0;
  stamp(document.getElementById("as-of"), state === "live" ? null : asOf);
  if (!shown || shown.dataset.state === state) return;
  shown.dataset.state = state;
  shown.querySelector(".connection-words").textContent = shown.dataset[`word${state[0].toUpperCase()}${state.slice(1)}`];
  shown.querySelector(".connection-since").textContent = "";
}

function watch() {
  if (socket && Date.now() - heardAt > SILENCE) {
    // Half-open: close() alone would wait for an answer that never comes.
    const dead = socket;
    lost(0);
    dead.close();
  }
  const since = document.querySelector("#connection .connection-since");
  if (since && lostAt) since.textContent = `${Math.round((Date.now() - lostAt) / 1000)} s`;
}

addEventListener("online", hurry);
addEventListener("offline", () => say("offline"));
addEventListener("pageshow", (event) => event.persisted && hurry());
document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && hurry());
setInterval(watch, 1000);
connect();
