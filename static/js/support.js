// The banner of a visit counts down; at its end the page asks the server, which knows nobody any more.
export function startSupport(banner) {
  const ends = Number(banner.dataset.supportEnds) * 1000;
  const left = banner.querySelector("[data-support-left]");
  const tick = () => {
    const seconds = Math.max(0, Math.ceil((ends - Date.now()) / 1000));
    left.textContent = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
    if (seconds === 0) location.reload();
    else setTimeout(tick, 1000);
  };
  tick();
}
