// What every page needs: the theme switch, buttons that copy, questions before something is lost,
// and the way to the login page when a session has ended under an htmx request.
document.addEventListener("click", (event) => {
  if (event.target.closest("[data-theme-switch]")) {
    const root = document.documentElement;
    root.dataset.bsTheme = root.dataset.bsTheme === "dark" ? "light" : "dark";
    localStorage.setItem("theme", root.dataset.bsTheme);
  }
  const copy = event.target.closest("[data-copy]");
  if (copy) {
    navigator.clipboard.writeText(copy.dataset.copy).then(() => {
      copy.setAttribute("aria-label", "Copied");
    });
  }
});

document.addEventListener("submit", (event) => {
  const question = event.submitter?.dataset.confirm || event.target.dataset.confirm;
  if (question && !window.confirm(question)) event.preventDefault();
});
