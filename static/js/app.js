// On every page: gives htmx the CSRF token, puts the focus on an error summary, sends a form once,
// reads out what a job does, switches keys of a single letter off, and leaves no drafts to the next
// person here.
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

// Of a double click the browser would show the second answer only, and the first is the one that
// counts. What stays on its page after it was sent, as a download does, can soon be sent again.
const DOUBLE = 2000;
const sent = new WeakMap();
document.addEventListener("submit", (event) => {
  const form = event.target, now = Date.now();
  if (event.defaultPrevented || form.getAttribute("method") !== "post") return;
  if (now - (sent.get(form) ?? -DOUBLE) < DOUBLE) event.preventDefault();
  else sent.set(form, now);
});

// A job is drawn anew each second: what it does is read out where it changes, and only then.
function jobs() {
  if (!document.querySelector(".job [data-said]")) return;
  const room = document.createElement("p");
  room.className = "visually-hidden";
  room.setAttribute("role", "status");
  document.getElementById("main").append(room);
  document.addEventListener("htmx:load", ({ target }) => {
    const said = target.querySelector("[data-said]")?.textContent.trim();
    if (said && room.textContent !== said) room.textContent = said;
  });
}
document.addEventListener("DOMContentLoaded", jobs);

// [data-keys] switches keys of a single letter off, in this browser, until they are switched on:
// speech input and a resting hand type letters too. Other scripts read it from <html data-keys>.
function keys() {
  const root = document.documentElement, buttons = document.querySelectorAll("button[data-keys]");
  const show = (state) => {
    if (root.dataset.keys === state) return;
    root.dataset.keys = state;
    buttons.forEach((button) => {
      [button.textContent, button.dataset.keys] = [button.dataset.keys, button.textContent];
    });
  };
  root.dataset.keys = "on";
  try { show(localStorage.getItem("keys") ?? "on"); } catch { /* a machine that keeps nothing */ }
  buttons.forEach((button) => {
    button.hidden = false;
    button.addEventListener("click", () => {
      show(root.dataset.keys === "off" ? "on" : "off");
      try { localStorage.setItem("keys", root.dataset.keys); } catch { /* for this page only */ }
    });
  });
}
document.addEventListener("DOMContentLoaded", keys);

// On English pages the plan, its names and what people wrote stay Chinese: the passages are marked so,
// to be spoken with a Chinese voice and drawn with Chinese shapes. A name amid English stays as it is.
function chinese(root) {
  if (document.documentElement.lang !== "en") return;
  const texts = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  const found = [];
  while (texts.nextNode()) {
    const { data, parentElement: at } = texts.currentNode;
    if (/\p{Script=Han}/u.test(data) && !/[a-z]{2}/.test(data)
      && !at.closest("[lang]:not(html), script, style, svg")) found.push(texts.currentNode);
  }
  for (const text of found) {
    let at = text.parentElement;
    if (at.childNodes.length > 1 || at.dataset.l) {
      at = document.createElement("span");
      text.replaceWith(at);
      at.append(text);
    }
    at.lang = "zh-Hant";
  }
}
document.addEventListener("htmx:load", ({ target }) => chinese(target));

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
