// What a list shows while it is not itself: it is coming, it did not come (and the way to ask again), or it is old.
// The words are those of components/list_states.html; the line that says "no connection" is drawn with every page.

const PATIENCE = 300; // what comes sooner needs no sign of coming
const LISTS = "main :is([data-live-list], .rows, .people, .messages, .feed, table)";
const FILTERS = "main :is(nav a.chip, .filters a, a[rel=next])";

const part = (which) => document.getElementById("list-states")?.content.querySelector(which)?.cloneNode(true);

// A moment on the hotel's wall clock, for every <time> in an element; null empties them.
export function stamp(element, moment) {
  const how = { hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZone: document.body.dataset.zone || undefined };
  for (const time of element?.querySelectorAll("time") ?? []) {
    if (moment === null) {
      time.textContent = "";
      time.removeAttribute("datetime");
      continue;
    }
    time.textContent = new Date(moment).toLocaleTimeString(document.documentElement.lang, how);
    time.dateTime = new Date(moment).toISOString();
  }
}

// Shows by `put` that something comes, unless it is there at once; returns what ends that.
export function coming(put) {
  let sign = null;
  const timer = setTimeout(() => {
    sign = part(".loading");
    if (sign) put(sign);
  }, PATIENCE);
  return () => {
    clearTimeout(timer);
    sign?.remove();
  };
}

// Returns what says that something did not come; its button takes it away and calls `again`.
export function failed(again, which = ".failed") {
  const sign = part(which);
  sign?.querySelector("[data-retry]").addEventListener("click", () => {
    sign.remove();
    again();
  });
  return sign;
}

// The page could not be read anew (pieces.js): said once above it, until it could.
let unread = null;

export function markUnread(since, again) {
  if (!unread?.isConnected) {
    unread = failed(again, ".unread");
    if (unread) document.getElementById("main")?.prepend(unread);
  }
  stamp(unread, since);
}

export function markRead() {
  unread?.remove();
  unread = null;
}

// What was to come in the place of a "loading" did not: it must not go on for ever.
function instead({ detail: { target, requestConfig } }) {
  const waiting = target?.querySelector?.(".state.loading");
  if (!waiting || requestConfig?.verb !== "get") return;
  const again = () => {
    const sign = part(".loading");
    target.replaceChildren(sign);
    window.htmx.ajax("GET", requestConfig.path, { target, swap: "innerHTML" });
  };
  waiting.replaceWith(failed(again));
}

// Asked for by a filter, the next list comes as a page: until then the old one says that it is on its way out. Without a
// line it stays: the browser would put its own page in the place of ours.
function leaves(event) {
  if (event.defaultPrevented || event.metaKey || event.ctrlKey || event.shiftKey) return;
  if (!navigator.onLine) {
    event.preventDefault();
    document.dispatchEvent(new CustomEvent("toast", { detail: { text: document.getElementById("words")?.dataset.offline, tone: "amber" } }));
    return;
  }
  for (const list of document.querySelectorAll(LISTS)) list.setAttribute("aria-busy", "true");
}

export function startStates() {
  for (const name of ["responseError", "sendError", "timeout"]) document.addEventListener(`htmx:${name}`, instead);
  document.addEventListener("submit", (event) => event.target.matches("main form[role=search]") && leaves(event));
  document.addEventListener("click", (event) => event.button === 0 && event.target.closest?.(FILTERS) && leaves(event));
}
