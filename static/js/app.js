// On every page: gives htmx the CSRF token, puts the focus on an error summary, and leaves no drafts
// to the next person at this machine.
"use strict";

document.addEventListener("htmx:configRequest", (event) => {
  const token = document.querySelector('meta[name="csrf-token"]');
  if (token) event.detail.headers["X-CSRFToken"] = token.content;
});

// A refused htmx form (422, 409) still brings the fragment that says why.
document.addEventListener("htmx:beforeSwap", (event) => {
  if ([409, 422].includes(event.detail.xhr.status)) {
    event.detail.shouldSwap = true;
    event.detail.isError = false;
  }
});

function focusSummary(root) {
  const summary = root.querySelector(".esum");
  if (summary) summary.focus();
}
document.addEventListener("DOMContentLoaded", () => focusSummary(document));
document.addEventListener("htmx:afterSwap", (event) => focusSummary(event.detail.target));

// What a report form could not give to the server stays here for who typed it (autosave.js), at most
// a week. It goes when they sign out, or when somebody else is signed in.
function drafts() {
  const out = document.querySelector("form[data-signs-out]");
  const own = out && `draft:${out.dataset.signsOut}:`;
  const clear = (stays) => {
    try {
      Object.keys(localStorage)
        .filter((key) => key.startsWith("draft:") && !stays(key))
        .forEach((key) => localStorage.removeItem(key));
    } catch { /* a machine that keeps nothing */ }
  };
  const fresh = (key) => Date.now() - JSON.parse(localStorage.getItem(key)).at < 7 * 864e5;
  clear((key) => (!own || key.startsWith(own)) && fresh(key));
  if (out) document.addEventListener("submit", ({ target }) => { if (target.action === out.action) clear(() => false); });
}
document.addEventListener("DOMContentLoaded", drafts);
