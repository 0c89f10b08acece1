/* Sets the theme before the first paint; loaded blocking, so it stays this short. */
(function () {
  const root = document.documentElement;
  let chosen = null;
  try { chosen = localStorage.getItem("theme"); } catch { /* Storage is switched off: follow the system. */ }
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const show = (theme) => { root.dataset.theme = theme; };
  root.classList.add("js");
  show(chosen === "dark" || chosen === "light" ? chosen : dark.matches ? "dark" : "light");
  dark.addEventListener("change", () => { if (!chosen) show(dark.matches ? "dark" : "light"); });
  addEventListener("click", (event) => {
    if (!event.target.closest || !event.target.closest("[data-theme-switch]")) return;
    chosen = root.dataset.theme === "dark" ? "light" : "dark";
    show(chosen);
    try { localStorage.setItem("theme", chosen); } catch { /* Not remembered, still switched. */ }
  });
})();
