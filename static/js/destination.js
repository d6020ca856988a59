// A form whose answer takes its time, because the far side is asked, says so.
document.addEventListener("submit", (event) => {
  const words = event.target.querySelector("[data-slow-words]");
  if (!event.defaultPrevented && event.target.matches("[data-slow]") && words) words.hidden = false;
});
// Coming back to a page that the browser kept: it waits for nothing.
window.addEventListener("pageshow", () => {
  for (const words of document.querySelectorAll("[data-slow-words]")) words.hidden = true;
});
