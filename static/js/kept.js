// The server keeps what is typed into the campaign editor with every redraw; from then on a reload shows it again, and
// leaving needs no question.
(() => {
  let edits = 0;
  const sent = new WeakMap(); // how many edits a request carries, by its XMLHttpRequest

  const editor = () => document.getElementById("editor");
  const show = (path) => history.replaceState(history.state, "", path);
  if (editor()?.dataset.kept) show(editor().dataset.kept); // a refused save: going back would post it again
  const isOurs = (event) => event.detail.target?.id === "editor";
  for (const name of ["input", "change"]) {
    document.addEventListener(name, (event) => { if (event.target.form === editor()) edits += 1; });
  }
  document.addEventListener("htmx:beforeRequest", (event) => {
    if (isOurs(event)) sent.set(event.detail.xhr, edits);
  });
  document.addEventListener("htmx:afterSwap", (event) => {
    if (!isOurs(event) || sent.get(event.detail.xhr) !== edits) return;
    const { kept, stored } = editor().dataset;
    show(kept ?? stored);
    if (kept) document.dispatchEvent(new Event("kept"));
  });
})();
