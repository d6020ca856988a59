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

  document.addEventListener("DOMContentLoaded", () => { here = read().filter(isRule); });
})();
