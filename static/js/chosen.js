// Ticks in a list: all at once, and how many there are. Without this they are ticked one by one.
(() => {
  const ticks = [...document.querySelectorAll("[data-tick]")];
  const all = document.querySelector("[data-choose-all]");
  const told = document.querySelector("[data-chosen]");
  if (!all) return;
  const tell = () => {
    const chosen = ticks.filter((tick) => tick.checked).length;
    told.textContent = chosen ? `${chosen} chosen` : "";
    all.checked = chosen === ticks.length;
    all.indeterminate = chosen > 0 && chosen < ticks.length;
  };
  all.addEventListener("change", () => {
    for (const tick of ticks) tick.checked = all.checked;
    tell();
  });
  for (const tick of ticks) tick.addEventListener("change", tell);
  document.querySelector("[data-choose]").hidden = false;
  tell(); // what the browser kept ticked
})();
