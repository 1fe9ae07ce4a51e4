// Before the first paint: the theme of this device and the hue of this hotel. A classic script, because modules come too late.
(() => {
  const root = document.documentElement;
  const hue = Number(root.dataset.accentHue);
  if (root.dataset.accentHue && hue >= 0 && hue < 360) root.style.setProperty("--accent-hue", String(hue));
  try {
    const wanted = localStorage.getItem("theme");
    if (wanted === "light" || wanted === "dark") root.dataset.theme = wanted;
  } catch {
    // Storage is closed (private window, kiosk): the device decides.
  }
})();
