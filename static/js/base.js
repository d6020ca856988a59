// What every page needs: the theme switch, buttons that copy, questions before something is lost, the selection
// in a field that is redrawn, and a plain sentence when a request behind the page fails.
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

// htmx brings the cursor back to a field it redraws, but not a selection from its first character on: who tabbed
// into the field to type over it would type in front of what stands there.
(() => {
  let before = null;
  document.addEventListener("htmx:beforeSwap", () => {
    const field = document.activeElement;
    const isText = field?.id && typeof field.selectionStart === "number";
    before = isText ? { id: field.id, start: field.selectionStart, end: field.selectionEnd } : null;
  });
  document.addEventListener("htmx:afterSwap", () => {
    const field = document.activeElement;
    if (before && field.id === before.id && before.start === 0) field.setSelectionRange(before.start, before.end);
    before = null;
  });
})();

// htmx swaps no answer that is an error, so without this nothing at all would happen.
(() => {
  const trouble = () => document.getElementById("trouble");
  const tell = (sentence) => {
    if (!trouble()) return;
    trouble().querySelector("div").textContent = sentence;
    trouble().hidden = false;
  };
  document.addEventListener("htmx:sendError", () => {
    tell("Muster does not answer. What you typed is still here; try again in a moment.");
  });
  document.addEventListener("htmx:responseError", (event) => {
    const status = event.detail.xhr.status;
    if (status === 403) tell("You may not do this, or you signed in again in another tab. Reload the page.");
    else if (status === 404) tell("This was removed meanwhile. Reload the page.");
    else tell("Something broke, and the fault is logged. What you typed is still here; try again.");
  });
  document.addEventListener("htmx:afterSwap", () => {
    if (trouble()) trouble().hidden = true;
  });
})();
