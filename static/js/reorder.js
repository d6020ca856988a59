// Sub-audiences change places by dragging their grip (mouse, pen, touch) or by arrow keys on it; the server moves them.
(() => {
  const EDGE = 70; // pixels at the window's ends in which dragging scrolls
  let drag = null;

  const box = () => document.getElementById("sub-audiences");
  const cards = () => [...box().querySelectorAll(".sub-aud")].filter((card) => card.querySelector("[data-grip]"));

  function put(from, to) {
    if (from === to || to < 0 || to >= cards().length) return;
    const button = document.getElementById("put");
    button.value = `put:${from}:${to}`;
    button.click();
  }

  // Folded to their heads, sixty of them can be dragged past; the grip stays under the pointer.
  function fold(isOn) {
    const before = drag.grip.getBoundingClientRect().top;
    box().classList.toggle("is-sorting", isOn);
    window.scrollBy({ top: drag.grip.getBoundingClientRect().top - before, behavior: "instant" });
  }

  function mark() {
    for (const card of cards()) card.classList.remove("drop-before", "drop-after");
    if (drag.to === drag.from) return;
    cards()[drag.to].classList.add(drag.to < drag.from ? "drop-before" : "drop-after");
  }

  function track() {
    if (!drag?.isMoving) return;
    if (drag.y < EDGE) window.scrollBy({ top: (drag.y - EDGE) / 5, behavior: "instant" });
    if (drag.y > window.innerHeight - EDGE) {
      window.scrollBy({ top: (drag.y - window.innerHeight + EDGE) / 5, behavior: "instant" });
    }
    const middles = cards().map((card) => {
      const { top, height } = card.getBoundingClientRect();
      return top + height / 2;
    });
    const above = middles.filter((middle, place) => place !== drag.from && middle < drag.y).length;
    drag.to = above;
    mark();
    requestAnimationFrame(track);
  }

  function stop() {
    if (!drag) return;
    if (drag.isMoving) {
      fold(false);
      for (const card of cards()) card.classList.remove("is-dragged", "drop-before", "drop-after");
    }
    drag = null;
  }

  document.addEventListener("pointerdown", (event) => {
    const grip = event.target.closest?.("[data-grip]");
    if (!grip || event.button !== 0) return;
    grip.setPointerCapture(event.pointerId);
    const from = Number(grip.dataset.grip);
    drag = { grip, from, to: from, start: event.clientY, y: event.clientY, isMoving: false };
  });
  document.addEventListener("pointermove", (event) => {
    if (!drag) return;
    drag.y = event.clientY;
    if (drag.isMoving || Math.abs(drag.y - drag.start) < 5) return;
    drag.isMoving = true;
    fold(true);
    drag.grip.closest(".sub-aud").classList.add("is-dragged");
    requestAnimationFrame(track);
  });
  document.addEventListener("pointerup", () => {
    const { from, to } = drag ?? {};
    stop();
    if (from !== undefined) put(from, to);
  });
  document.addEventListener("pointercancel", stop);

  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && drag) return stop();
    if (!event.target.matches?.("[data-grip]") || event.altKey || event.ctrlKey || event.metaKey) return;
    const from = Number(event.target.dataset.grip);
    const last = cards().length - 1;
    const to = { ArrowUp: from - 1, ArrowDown: from + 1, Home: 0, End: last }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    put(from, to);
  });

  // At once, for the numbers that are counted next draw the editor again.
  document.addEventListener("htmx:afterSwap", (event) => {
    const { said, focus } = document.getElementById("editor")?.dataset ?? {};
    if (event.detail.target?.id !== "editor" || !focus) return;
    if (said) document.getElementById("said").textContent = said;
    document.getElementById(focus)?.focus();
  });
})();
