// The report form saves itself while somebody types. What the server could not be given stays on
// this machine, by person, report and open form, until the server has it. Ctrl+S saves the draft.
"use strict";

const PAUSE = 1500, RETRY = 15000;

function autosave(form) {
  const { autosave: url, person, report } = form.dataset;
  const say = form.dataset;
  const state = document.getElementById("save-state");
  const mine = `draft:${person}:${report}:`;
  const key = mine + form.elements.copy.value;
  let timer = null, sending = false, held = "", waiting = null, signedOut = false, leaving = false;
  let safe = state && [state.innerHTML, state.className];

  // All that is typed; what the form started from and the button pressed are not.
  const pairs = () => [...new FormData(form)].filter(([name, value]) =>
    typeof value === "string" && !["csrfmiddlewaretoken", "do", "holder"].includes(name));
  const told = (list) => JSON.stringify(list.filter(([name]) => !["seen_version", "base"].includes(name)));

  function show(text, kind, link) {
    if (!state) return;
    if (state.textContent !== text) state.textContent = text;
    state.className = `saved ${kind}`;
    if (link) {
      const a = document.createElement("a");
      a.href = location.pathname;
      a.textContent = link;
      state.append(" ", a);
    }
  }
  // A machine may refuse to keep anything; the server still has what it was given.
  function keepHere() {
    try { localStorage.setItem(key, JSON.stringify({ at: Date.now(), data: pairs() })); } catch { /* full or forbidden */ }
  }
  function forget(which) {
    try { localStorage.removeItem(which); } catch { /* forbidden */ }
  }
  // The server has all that stands here: typed back, or a field was only left.
  function settled() {
    clearTimeout(timer);
    forget(key);
    if (safe) [state.innerHTML, state.className] = safe;
    form.dispatchEvent(new CustomEvent("kept"));
  }
  const post = (data) => fetch(url, {
    method: "POST",
    redirect: "manual",
    headers: { "X-CSRFToken": form.elements.csrfmiddlewaretoken.value },
    body: new URLSearchParams(data),
  });

  async function send() {
    clearTimeout(timer);
    if (sending || leaving || signedOut) return;
    const data = pairs(), content = told(data);
    if (content === held) return;
    let answer = null, body = null;
    sending = true;
    try {
      answer = await post(data);
      if (answer.headers.get("content-type")?.startsWith("application/json")) body = await answer.json();
    } catch { /* no connection */ }
    sending = false;
    if (body && answer.ok) {
      held = content;
      if (body.seen_version) form.elements.seen_version.value = body.seen_version;
      if (body.base) form.elements.base.value = body.base;
      show(body.text, { saved: "", kept: "saved-no" }[body.state] ?? "saved-bad");
      safe = state && [state.innerHTML, state.className];
      if (told(pairs()) === held) {
        forget(key);
        form.dispatchEvent(new CustomEvent("kept"));
      }
      else soon();
    } else if (answer && (answer.type === "opaqueredirect" || [401, 403].includes(answer.status))) {
      signedOut = true;
      show(say.sayOut, "saved-bad", say.sayIn);
      form.dispatchEvent(new CustomEvent("kept"));
    } else {
      show(body ? body.text : say.sayAway, "saved-bad");
      timer = setTimeout(send, RETRY);
    }
    // Without a connection a button would only lead away from what was typed.
    const button = waiting;
    waiting = null;
    if (button && answer) {
      leaving = true;
      form.requestSubmit(button.pressed);
    }
  }
  function soon() {
    clearTimeout(timer);
    timer = setTimeout(send, PAUSE);
  }

  function typed(event) {
    if (event.target.type === "file") return;
    keepHere();
    const mark = event.target.closest(".f")?.querySelector("[data-carried]");
    if (mark) mark.hidden = true;
    // What is still being composed with an input method is no word yet.
    if (event.isComposing) return clearTimeout(timer);
    if (!signedOut && !sending && told(pairs()) === held) return settled();
    if (!signedOut) show(say.sayUnsaved, "saved-no");
    soon();
  }
  form.addEventListener("input", typed);
  form.addEventListener("change", typed);
  form.addEventListener("compositionend", soon);
  form.addEventListener("focusout", send);
  document.addEventListener("visibilitychange", () => { if (document.hidden) send(); });
  window.addEventListener("online", send);

  // A button saves too. It waits until what was typed is safe, and starts from that version.
  form.addEventListener("submit", (event) => {
    if (!leaving && !signedOut && (sending || told(pairs()) !== held)) {
      event.preventDefault();
      waiting = { pressed: event.submitter };
      send();
    } else {
      leaving = true;
      clearTimeout(timer);
    }
  });
  // A save that arrives after the page is read again would meet it as somebody else's change.
  window.addEventListener("pagehide", () => { leaving = true; });
  window.addEventListener("pageshow", () => { leaving = false; });

  document.addEventListener("keydown", (event) => {
    if (!(event.ctrlKey || event.metaKey) || event.shiftKey || event.altKey || event.key.toLowerCase() !== "s") return;
    event.preventDefault();
    form.requestSubmit(form.querySelector('.send button[value="save"]'));
  });

  // What an earlier visit left here goes to the server, which offers it with what differs.
  async function bring() {
    let left = [];
    try { left = Object.keys(localStorage).filter((one) => one.startsWith(mine) && one !== key); } catch { return; }
    for (const one of left) {
      const { data } = JSON.parse(localStorage.getItem(one));
      let answer = null;
      try { answer = await post([...data, ["do", "restore"]]); } catch { return; }
      if (!answer.ok) continue;
      forget(one);
      document.getElementById("offers").innerHTML = await answer.text();
    }
  }

  held = "unsaved" in form.dataset ? "" : told(pairs());
  if (!held) soon();
  document.querySelectorAll("[data-autosaves]").forEach((note) => { note.hidden = note.dataset.autosaves === "no"; });
  bring();
}

document.addEventListener("DOMContentLoaded", () => {
  document.querySelectorAll("form[data-autosave]").forEach(autosave);
});
