// The editors of campaigns and segments are redrawn while people type: what they typed since the request began is
// never lost, and no button is taken away from under a pressed pointer.
(() => {
  // What the fields held when a request began, by its XMLHttpRequest.
  const sent = new WeakMap();
  let changed = new Map();
  let drawn = null; // what the fields held as they were drawn
  let pressed = false;

  const editor = () => document.getElementById("editor");
  const fields = () =>
    [...editor().elements].filter((field) => field.id && field.type !== "hidden" && field.tagName !== "BUTTON");
  const isTicked = (field) => field.type === "checkbox" || field.type === "radio";
  const valueOf = (field) => (isTicked(field) ? field.checked : field.value);
  const refresh = () => htmx.trigger(editor().querySelector("[data-live]"), "refresh");

  function put(field, value) {
    if (isTicked(field)) field.checked = value;
    else field.value = value;
  }

  document.addEventListener("pointerdown", () => { pressed = true; });
  for (const end of ["pointerup", "pointercancel"]) document.addEventListener(end, () => { pressed = false; });

  document.addEventListener("htmx:beforeRequest", (event) => {
    if (event.detail.target?.id !== "editor") return;
    sent.set(event.detail.xhr, new Map(fields().map((field) => [field.id, valueOf(field)])));
    const count = editor().querySelector("[data-count]");
    if (count && event.detail.elt !== count) htmx.trigger(count, "htmx:abort");
  });

  document.addEventListener("htmx:beforeSwap", (event) => {
    if (event.detail.target?.id !== "editor" || !editor()) return;
    const before = sent.get(event.detail.xhr) ?? new Map();
    changed = new Map(
      fields().filter((field) => before.has(field.id) && before.get(field.id) !== valueOf(field))
        .map((field) => [field.id, valueOf(field)]),
    );
    const isAction = event.detail.requestConfig?.elt?.name === "action";
    if (!isAction && (changed.size || pressed)) {
      event.detail.shouldSwap = false;
      setTimeout(refresh, 400);
    }
  });

  document.addEventListener("htmx:afterSwap", (event) => {
    if (event.detail.target?.id !== "editor") return;
    drawn = new Map(fields().map((field) => [field.id, valueOf(field)]));
    for (const [id, value] of changed) {
      const field = document.getElementById(id);
      if (field) put(field, value);
    }
    changed = new Map();
  });

  // htmx listens to new fields a moment after they are drawn: what is typed in between was heard by nobody.
  document.addEventListener("htmx:afterSettle", (event) => {
    if (event.detail.target?.id !== "editor" || !drawn) return;
    if (fields().some((field) => drawn.has(field.id) && drawn.get(field.id) !== valueOf(field))) refresh();
    drawn = null;
  });
})();

// What was unfolded stays unfolded when the editor is drawn anew.
(() => {
  let open = new Map();
  const folds = () => document.querySelectorAll("#editor details[id]");
  document.addEventListener("htmx:beforeSwap", (event) => {
    if (event.detail.target?.id === "editor") open = new Map([...folds()].map((one) => [one.id, one.open]));
  });
  document.addEventListener("htmx:afterSwap", () => {
    for (const one of folds()) if (open.has(one.id)) one.open = open.get(one.id);
    open = new Map();
  });
})();
