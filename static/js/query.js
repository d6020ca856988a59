// The query editor's own: the list of tables and columns is searched, and a name goes where the cursor stands.
(() => {
  const field = () => document.getElementById("id_sql");

  // Names that engines would read otherwise need quotation marks; a query of MySQL's kind has its own.
  const written = (name) => (/^[a-z_][a-z0-9_]*$/i.test(name) ? name : `"${name.replaceAll('"', '""')}"`);

  function insert(name) {
    const sql = field();
    const before = sql.value.slice(0, sql.selectionStart);
    const text = (/[\w"`]$/.test(before) ? " " : "") + written(name);
    sql.setRangeText(text, sql.selectionStart, sql.selectionEnd, "end");
    sql.focus();
    sql.dispatchEvent(new Event("input", { bubbles: true }));
  }

  function search(text) {
    const words = text.toLowerCase().split(/\s+/).filter(Boolean);
    let any = false;
    for (const table of document.querySelectorAll("[data-table]")) {
      const own = table.dataset.table.toLowerCase();
      let shown = words.every((word) => own.includes(word));
      for (const column of table.querySelectorAll("li")) {
        const name = `${own} ${column.textContent.toLowerCase()}`;
        column.hidden = !words.every((word) => name.includes(word));
        shown ||= !column.hidden;
      }
      table.hidden = !shown;
      any ||= shown;
    }
    const none = document.querySelector("[data-no-names]");
    if (none) none.hidden = any;
  }

  document.addEventListener("click", (event) => {
    const name = event.target.closest("[data-insert]");
    if (name) insert(name.dataset.insert);
  });
  // To the page, searching is no change of the form.
  for (const name of ["input", "change"]) {
    document.addEventListener(name, (event) => {
      if (!event.target.matches("[data-search-names]")) return;
      event.stopPropagation();
      search(event.target.value);
    }, true);
  }
  // Enter in the search would send the form.
  document.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && event.target.matches("[data-search-names]")) event.preventDefault();
  });

  // What is wrong is said below the field, and by its border.
  document.addEventListener("htmx:afterSettle", () => {
    const isWrong = Boolean(document.querySelector("#query-problems .is-bad"));
    field().classList.toggle("is-invalid", isWrong);
    field().setAttribute("aria-invalid", String(isWrong));
  });
})();
