// Undo and redo of rules: the form is all there is to them, so a step back is an older form that is posted again.
(() => {
  const MOST = 100;
  const past = [];
  const future = [];
  let here = null; // the rules as they were last drawn
  let asked = ""; // "undo" or "redo" while its answer is under way

  const editor = () => document.getElementById("editor");
  const button = (name) => document.querySelector(`[data-${name}]`);
  const isRule = ([name]) => name.startsWith("r-");
  const read = () => [...new FormData(editor())];
  const same = (one, other) => JSON.stringify(one) === JSON.stringify(other);

  function draw() {
    button("undo").disabled = !past.length;
    button("redo").disabled = !future.length;
  }

  function go(name, from, to) {
    if (!from.length || asked) return;
    asked = name;
    to.push(here);
    here = from.pop();
    const others = read().filter((entry) => !isRule(entry));
    const values = Object.fromEntries([...others, ...here, ["action", "refresh"]]);
    htmx.ajax("POST", editor().getAttribute("action"), { target: "#editor", swap: "outerHTML", values });
  }

  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-undo]")) go("undo", past, future);
    if (event.target.closest("[data-redo]")) go("redo", future, past);
  });

  // In a field that is typed into, the browser's own undo comes first.
  document.addEventListener("keydown", (event) => {
    if (!(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== "z") return;
    if (event.target.matches("textarea, input:not([type=radio]):not([type=checkbox])")) return;
    event.preventDefault();
    if (event.shiftKey) go("redo", future, past);
    else go("undo", past, future);
  });

  document.addEventListener("htmx:afterSettle", (event) => {
    if (event.detail.target?.id !== "editor") return;
    const drawn = read().filter(isRule);
    if (asked) {
      here = drawn;
    } else if (!same(drawn, here)) {
      past.push(here);
      past.splice(0, past.length - MOST);
      future.length = 0;
      here = drawn;
    }
    draw();
    if (asked) (button(asked).disabled ? button(asked === "undo" ? "redo" : "undo") : button(asked)).focus();
    asked = "";
  });
  for (const failed of ["htmx:responseError", "htmx:sendError"]) {
    document.addEventListener(failed, () => { asked = ""; });
  }

  // A refused save shows the form on a page of its own, which has the steps before it from the one that was sent.
  const KEY = "undo";
  const page = () => editor().elements.page.value;
  const isFilled = ([name]) => !name.endsWith("-fresh"); // what is missing is an error after a save: no step of anybody's

  document.addEventListener("submit", (event) => {
    if (event.target === editor()) sessionStorage.setItem(KEY, JSON.stringify({ page: page(), past, here, future }));
  });

  function takeUp() {
    const kept = JSON.parse(sessionStorage.getItem(KEY));
    sessionStorage.removeItem(KEY);
    if (kept?.page !== page()) return;
    past.push(...kept.past);
    if (same(kept.here.filter(isFilled), here.filter(isFilled))) future.push(...kept.future);
    else past.push(kept.here);
    draw();
  }

  document.addEventListener("DOMContentLoaded", () => {
    here = read().filter(isRule);
    takeUp();
  });
})();
