// Of the editors of segments and campaigns: the searchable list of attributes, the focus after a button was pressed, and counting anew.
(() => {
  let field = null; // the attribute field whose list is open
  let active = null; // the option that Enter would choose
  let missed = false; // an answer came while the list was open
  let asking = null; // the search under way
  let timer = 0;
  let left = ""; // the rule whose attribute was left with Tab: what follows it may still have to be drawn

  const list = () => document.getElementById(field?.dataset.from ? "found" : "attributes");
  const options = () => [...list().children];
  const fits = (option) => !field.dataset.table || option.dataset.table === field.dataset.table;
  const shown = () => options().filter((option) => !option.hidden && option.dataset.value !== undefined);

  function mark(option) {
    active?.setAttribute("aria-selected", "false");
    active = option ?? null;
    if (!active) return field?.removeAttribute("aria-activedescendant");
    active.setAttribute("aria-selected", "true");
    active.scrollIntoView({ block: "nearest" });
    field.setAttribute("aria-activedescendant", active.id);
  }

  function show() {
    list().hidden = !options().some((option) => !option.hidden);
    field.setAttribute("aria-expanded", String(!list().hidden));
  }

  // All of them when the list opens, those that hold every typed word while somebody types.
  function filter(text) {
    if (field.dataset.from) return ask(text);
    const words = text.toLowerCase().split(/\s+/).filter(Boolean);
    for (const option of options()) {
      option.hidden = !fits(option) || !words.every((word) => option.textContent.toLowerCase().includes(word));
    }
    show();
  }

  // What the server finds for a text; an older question is dropped.
  function ask(text) {
    clearTimeout(timer);
    asking?.abort();
    const asked = field;
    timer = setTimeout(async () => {
      asking = new AbortController();
      try {
        const answer = await fetch(`${asked.dataset.from}&q=${encodeURIComponent(text)}`, { signal: asking.signal });
        const found = await answer.text();
        if (!answer.ok || answer.redirected || field?.id !== asked.id) return;
        list().innerHTML = found;
        show();
        place();
        mark(text ? shown().find((option) => option.dataset.value.toLowerCase() === text.toLowerCase()) : null);
      } catch (error) {
        if (error.name !== "AbortError") list().hidden = true;
      }
    }, text ? 200 : 0);
  }

  function open(opened) {
    field = opened;
    if (field.dataset.from) list().replaceChildren();
    filter("");
    place();
    if (!field.dataset.from) mark(options().find((option) => option.dataset.value === field.value));
  }

  function place() {
    if (list().hidden) return;
    const box = field.getBoundingClientRect();
    const frame = list().offsetParent.getBoundingClientRect();
    list().style.top = `${box.bottom - frame.top + 2}px`;
    list().style.left = `${box.left - frame.left}px`;
    list().style.minWidth = `${box.width}px`;
  }

  function close() {
    if (!field) return;
    mark(null);
    clearTimeout(timer);
    asking?.abort();
    field.setAttribute("aria-expanded", "false");
    list().hidden = true;
    field = null;
    if (missed) htmx.trigger(document.querySelector("[data-live]"), "refresh");
    missed = false;
  }

  // A picker of several values puts each on a line of its own.
  function add(option) {
    const area = document.getElementById(field.dataset.adds);
    const lines = area.value.split("\n").filter((line) => line.trim());
    if (!lines.includes(option.dataset.value)) lines.push(option.dataset.value);
    area.value = lines.join("\n");
    field.value = "";
    close();
    area.dispatchEvent(new Event("change", { bubbles: true }));
  }

  function choose(option) {
    if (field.dataset.adds) return add(option);
    const chosen = field;
    const changed = chosen.defaultValue !== option.dataset.value;
    chosen.value = option.dataset.value;
    close();
    if (changed) chosen.dispatchEvent(new Event("change", { bubbles: true }));
  }

  function step(by) {
    const all = shown();
    const at = all.indexOf(active);
    mark(all[at < 0 ? (by > 0 ? 0 : all.length - 1) : (at + by + all.length) % all.length]);
  }

  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-recount]")) htmx.trigger(document.body, "recount");
    if (event.target.matches(".combo") && !field) open(event.target);
  });
  // A redraw draws the field anew below its open list, and gives it the focus. The list stays if that field searches the
  // same: another comparison may have left it without a list.
  function follow(drawn) {
    if (!field || drawn === field) return;
    const isSame = drawn?.id === field.id && drawn.matches(".combo") && drawn.dataset.from === field.dataset.from;
    if (!isSame) return close();
    field = drawn;
    field.setAttribute("aria-expanded", String(!list().hidden));
    if (active) field.setAttribute("aria-activedescendant", active.id);
    place();
  }
  document.addEventListener("focusin", (event) => follow(event.target));
  document.addEventListener("pointerdown", (event) => {
    const option = event.target.closest(".combo-list [role=option]");
    if (option && field) {
      event.preventDefault(); // the field keeps the focus
      if (option.dataset.value !== undefined) choose(option);
    } else if (field && event.target !== field && !event.target.closest(".combo-list")) close();
  });
  document.addEventListener("mousedown", (event) => {
    if (event.target.closest(".combo-list")) event.preventDefault();
  });

  window.addEventListener("resize", () => { if (field) place(); });

  // While the list is open, what is typed only searches: the rules change when something is chosen or the field left.
  // A value may be any text, so that what is typed counts at once.
  document.addEventListener("input", (event) => {
    if (!event.target.matches(".combo")) return;
    if (event.target.dataset.free === undefined) event.stopPropagation();
    if (field !== event.target) open(event.target);
    filter(event.target.value);
    if (!field.dataset.from) mark(event.target.value ? shown()[0] : null);
  }, true);

  document.addEventListener("keydown", (event) => {
    if (!event.target.matches?.(".combo") || event.altKey || event.ctrlKey || event.metaKey) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (field) step(event.key === "ArrowDown" ? 1 : -1);
      else open(event.target);
    } else if (event.key === "Enter" && field && active) {
      event.preventDefault();
      choose(active);
    } else if (event.key === "Tab") {
      left = event.shiftKey || !event.target.name.endsWith("-attribute") ? "" : event.target.name.replace("-attribute", "");
      if (field && active && event.target.value) choose(active);
    } else if (event.key === "Escape" && field) {
      event.preventDefault();
      close();
    }
  });

  // A redraw would take the list from under whoever searches it: it waits until the list is closed.
  document.addEventListener("htmx:beforeSwap", (event) => {
    if (event.detail.target?.id !== "editor" || !field || field.dataset.free !== undefined) return;
    if (event.detail.requestConfig?.elt?.name === "action") return close();
    event.detail.shouldSwap = false;
    missed = true;
  });

  // Tab went past what was not there yet: on to how the attribute compares, or what is asked of the rows.
  function lead(rule) {
    const names = ["choice", "member", "0-choice", "verb"];
    names.map((name) => document.getElementById(`${rule}-${name}`)).find(Boolean)?.focus();
  }

  // The element that a button leads to: a new rule's first field, a moved rule's menu.
  document.addEventListener("htmx:afterSettle", (event) => {
    if (event.detail.target?.id !== "editor") return;
    if (field) follow(document.getElementById(field.id));
    const id = document.getElementById("editor").dataset.focus;
    if (id) document.getElementById(id)?.focus();
    else if (left && [document.body, document.getElementById(`${left}-menu`)].includes(document.activeElement)) lead(left);
    left = "";
  });
})();
