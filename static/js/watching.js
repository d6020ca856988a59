// A part of the page is redrawn while people read it: what they unfolded stays so, the focus stays where it was, and no
// link or button is taken away from under a pressed pointer.
(() => {
  let open = [];
  let focused = "";
  let pressed = false;

  document.addEventListener("pointerdown", () => { pressed = true; });
  for (const end of ["pointerup", "pointercancel"]) document.addEventListener(end, () => { pressed = false; });

  // How an element that has no id is found again.
  const found = (one) => {
    for (const name of ["href", "data-copy", "aria-label"]) {
      if (one?.hasAttribute(name)) return `main [${name}="${CSS.escape(one.getAttribute(name))}"]`;
    }
    return one?.tagName === "SUMMARY" ? `#${one.parentElement.id} > summary` : "";
  };

  document.addEventListener("htmx:beforeSwap", (event) => {
    // The next answer is a second away.
    if (pressed) event.detail.shouldSwap = false;
    open = [...document.querySelectorAll("details[id][open]")].map((one) => one.id);
    focused = event.detail.target.contains(document.activeElement) ? found(document.activeElement) : "";
  });

  document.addEventListener("htmx:afterSwap", () => {
    for (const id of open) document.getElementById(id)?.setAttribute("open", "");
    if (focused && document.activeElement === document.body) document.querySelector(focused)?.focus();
    focused = "";
  });
})();
