// Runs before the page is drawn, so that a dark page never flashes light.
(() => {
  const stored = localStorage.getItem("theme");
  const system = matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
  document.documentElement.dataset.bsTheme = stored || system;
})();
