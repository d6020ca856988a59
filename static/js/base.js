// What every page needs: the theme switch, buttons that copy, questions before something is lost, the selection
// in a field that is redrawn, typed text that outlives its session, and a plain sentence when a request fails.
document.addEventListener("click", (event) => {
  if (event.target.closest("[data-theme-switch]")) {
    const root = document.documentElement;
    root.dataset.bsTheme = root.dataset.bsTheme === "dark" ? "light" : "dark";
    localStorage.setItem("theme", root.dataset.bsTheme);
  }
  const copy = event.target.closest("[data-copy]");
  if (copy) {
    navigator.clipboard.writeText(copy.dataset.copy).then(() => {
      copy.setAttribute("aria-label", "Copied");
    });
  }
});

// htmx brings the cursor back to a field it redraws, but not a selection from its first character on: who tabbed
// into the field to type over it would type in front of what stands there.
(() => {
  let before = null;
  document.addEventListener("htmx:beforeSwap", () => {
    const field = document.activeElement;
    const isText = field?.id && typeof field.selectionStart === "number";
    before = isText ? { id: field.id, start: field.selectionStart, end: field.selectionEnd } : null;
  });
  document.addEventListener("htmx:afterSwap", () => {
    const field = document.activeElement;
    if (before && field.id === before.id && before.start === 0) field.setSelectionRange(before.start, before.end);
    before = null;
  });
})();

// htmx swaps no answer that is an error, so without this nothing at all would happen. What people typed outlives their
// session: a form is sent only while they are signed in, with the token that is valid then (signing in changes it).
(() => {
  let sending = false;
  let checked = null; // the form that may go
  let renewed = false;
  let isChanged = document.querySelector("[data-editor=changed]") !== null; // what a refused save shows again
  // Going back to an answer that a form got would ask for that form again, and end in the browser's own error page.
  if (isChanged) history.replaceState(history.state, "", location.href);
  const note = (id) => document.getElementById(id);
  const redraw = () => {
    const live = document.querySelector("[data-live]");
    if (live) htmx.trigger(live, "refresh");
  };

  const tell = (sentence) => {
    if (!note("trouble")) return;
    note("trouble").querySelector("div").textContent = sentence;
    note("trouble").hidden = false;
  };
  const tellNoAnswer = () => tell("Muster does not answer. What you typed is still here; try again in a moment.");

  async function isSignedIn() {
    const answer = await fetch(note("signed-out").dataset.ask);
    note("signed-out").hidden = answer.status !== 401;
    if (answer.ok) renew(await answer.text());
    return answer.status !== 401;
  }

  function renew(token) {
    document.body.setAttribute("hx-headers", JSON.stringify({ "X-CSRFToken": token }));
    for (const field of document.querySelectorAll("[name=csrfmiddlewaretoken]")) field.value = token;
  }

  async function send(form, submitter) {
    sending = true;
    try {
      if (await isSignedIn()) {
        checked = form;
        form.requestSubmit(submitter);
      }
    } catch {
      tellNoAnswer();
    } finally {
      sending = false;
      checked = null;
    }
  }

  document.addEventListener("submit", (event) => {
    if (event.target === checked) {
      isChanged = false;
      return;
    }
    const question = event.submitter?.dataset.confirm || event.target.dataset.confirm;
    if (sending || (question && !window.confirm(question))) return event.preventDefault();
    if (!event.target.matches("[data-editor]")) return;
    event.preventDefault();
    send(event.target, event.submitter);
  });

  // What was typed is asked for before somebody leaves it behind; what a message said of the form is over with it.
  function change() {
    isChanged = true;
    for (const message of document.querySelectorAll("[data-message]")) message.remove();
  }
  for (const name of ["input", "change"]) {
    document.addEventListener(name, (event) => { if (event.target.form?.matches("[data-editor]")) change(); });
  }
  // What was typed before these scripts ran was heard by nobody; nor what a browser fills in again on reloading.
  function isTyped(field) {
    if (field.type === "checkbox" || field.type === "radio") return field.checked !== field.defaultChecked;
    if (field.type === "hidden" || field.defaultValue === undefined) return false;
    return field.value !== field.defaultValue;
  }
  document.addEventListener("DOMContentLoaded", () => {
    if (![...(document.querySelector("[data-editor]")?.elements ?? [])].some(isTyped)) return;
    change();
    redraw();
  });
  document.addEventListener("htmx:beforeRequest", (event) => {
    const { name, value } = event.detail.elt;
    if (name === "action" && value !== "refresh") change();
  });
  document.addEventListener("click", (event) => {
    if (event.target.closest(".save-bar a")) isChanged = false; // "Discard changes" is an answer already
  });
  document.addEventListener("kept", () => { isChanged = false; }); // nothing would be lost
  window.addEventListener("beforeunload", (event) => { if (isChanged) event.preventDefault(); });

  // The form that is about to be sent must not be replaced by a redrawn one.
  document.addEventListener("htmx:beforeSwap", (event) => { if (sending) event.detail.shouldSwap = false; });
  // Back from the tab in which they signed in.
  window.addEventListener("focus", async () => {
    if (note("signed-out")?.hidden === false && (await isSignedIn())) redraw();
  });

  document.addEventListener("htmx:sendError", tellNoAnswer);
  document.addEventListener("htmx:responseError", async (event) => {
    const status = event.detail.xhr.status;
    if (status === 401) note("signed-out").hidden = false;
    else if (status === 403 && !renewed && document.querySelector("[data-live]")) {
      renewed = true; // once: a person who may not do this would be asked for ever
      if (await isSignedIn()) redraw();
    } else if (status === 403) tell("You may not do this, or you signed in again in another tab. Reload the page.");
    else if (status === 404) tell("This was removed meanwhile. Reload the page.");
    else tell("Something broke, and the fault is logged. What you typed is still here; try again.");
  });
  document.addEventListener("htmx:afterSwap", () => {
    renewed = false;
    for (const id of ["trouble", "signed-out"]) if (note(id)) note(id).hidden = true;
  });
})();
