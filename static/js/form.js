// The report form: counts characters, shows the lateness block for late lights, adds up money and
// the parts of indicators.
// Without it the server does all of this when the draft is saved.
"use strict";

// Characters as the server counts them: a surrogate pair is one, so is a line break, and blanks at
// both ends are not kept. Which blanks, Python says (`str.strip`): JavaScript's own trim differs.
const BLANK = "[\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]+";
const ENDS = new RegExp(`^${BLANK}|${BLANK}$`, "g");
const length = (text) => [...text.replaceAll("\r\n", "\n").replaceAll("\0", "").replaceAll(ENDS, "")].length;

function count(note) {
  const field = document.getElementById(note.dataset.countFor);
  if (!field) return;
  const limit = Number(note.dataset.limit);
  const show = () => {
    const used = length(field.value);
    note.textContent = `${used.toLocaleString()}／${limit.toLocaleString()}`;
    note.classList.toggle("cnt-over", used > limit);
  };
  field.addEventListener("input", show);
  show();
}

// data-late="behind far_behind" on a block: it shows while one of these lights is chosen.
// What was typed stays in the fields, shown or not.
function lateness(block) {
  const lights = block.dataset.late.split(" ");
  const radios = document.querySelectorAll('input[name="light"]');
  // On the rail: that nothing is to be filled in here, or what stands there instead.
  const mark = document.querySelector("[data-late-mark]");
  const idle = mark && mark.textContent;
  const show = () => {
    const chosen = document.querySelector('input[name="light"]:checked');
    const bad = block.querySelector(".bad, .err");
    block.hidden = !(chosen && lights.includes(chosen.value)) && !bad;
    if (mark) mark.textContent = block.hidden ? idle : mark.dataset.lateMark;
  };
  radios.forEach((radio) => radio.addEventListener("change", show));
  if (radios.length) show();
}

const number = (text) => {
  // Full-width digits and commas are typed too; the server reads them the same way.
  const bare = text.normalize("NFKC").replaceAll(/[,\s]/g, "");
  return bare === "" || Number.isNaN(Number(bare)) ? null : Number(bare);
};

// An output is a polite live region: what it said before is not said again, and sums wait for a pause
// in typing, so that no number is read out digit by digit.
function say(output, words) {
  if (output.value !== words) output.value = words;
}

// A table with data-sums: inputs carry data-sum="allocated" or "spent"; each row may hold
// <output data-rate>, the foot <output data-total="…"> and <output data-rate>.
function sums(table) {
  const value = (scope, name) => {
    const numbers = [...scope.querySelectorAll(`[data-sum="${name}"]`)]
      .filter((input) => !input.closest("tr").querySelector('input[name$="-DELETE"]:checked'))
      .map((input) => number(input.value))
      .filter((n) => n !== null);
    return numbers.length ? numbers.reduce((a, b) => a + b, 0) : null;
  };
  const rate = (output, allocated, spent) => {
    if (output) say(output, allocated && spent !== null ? ((100 * spent) / allocated).toFixed(1) : "—");
  };
  // A row with only one of the two figures leaves the rate of the whole unknown.
  const half = (row) => (value(row, "allocated") === null) !== (value(row, "spent") === null);
  const show = () => {
    table.querySelectorAll("tbody tr").forEach((row) => {
      rate(row.querySelector("[data-rate]"), value(row, "allocated"), value(row, "spent"));
    });
    const body = table.tBodies[0];
    table.querySelectorAll("[data-total]").forEach((output) => {
      const total = value(body, output.dataset.total);
      say(output, total === null ? "—" : total.toLocaleString("en"));
    });
    const known = ![...body.rows].some(half);
    rate(table.querySelector("tfoot [data-rate]"), value(body, "allocated"), known ? value(body, "spent") : null);
  };
  let pause;
  table.addEventListener("input", () => { clearTimeout(pause); pause = setTimeout(show, 400); });
  table.addEventListener("change", show);
  show();
}

// <output for="ids of the parts" data-whole="id"> says what the parts add up to, and how far that is
// from the whole, in the sentences of data-equal, data-more, data-less and data-alone.
function partsOf(output) {
  const boxes = [...output.htmlFor].map((id) => document.getElementById(id));
  const whole = document.getElementById(output.dataset.whole);
  if (!whole || boxes.includes(null)) return;
  const asSaved = output.textContent;
  // Four places, as the server keeps: sums of binary fractions stray behind them.
  const told = (value) => value.toLocaleString("en", { maximumFractionDigits: 4 });
  const show = () => {
    const parts = boxes.map((box) => number(box.value)).filter((n) => n !== null);
    const sum = parts.reduce((a, b) => a + b, 0);
    const total = number(whole.value);
    const gap = total === null ? 0 : Math.round((sum - total) * 1e4) / 1e4;
    let words = asSaved;
    if (parts.length) {
      const { equal, more, less, alone } = output.dataset;
      words = total === null ? alone : gap === 0 ? equal : gap > 0 ? more : less;
    }
    say(output, words.replace("{sum}", told(sum)).replace("{gap}", told(Math.abs(gap))));
  };
  let pause;
  const soon = () => { clearTimeout(pause); pause = setTimeout(show, 400); };
  [whole, ...boxes].forEach((box) => box.addEventListener("input", soon));
  show();
}

// Names the characters that no font of the documents draws, when a field is left.
function glyphs(form) {
  form.addEventListener("change", async ({ target }) => {
    const field = target.closest(".f");
    if (!field || !target.matches("textarea, input[type=text]")) return;
    const body = new URLSearchParams({ text: [...new Set(target.value)].join("") });
    const token = form.querySelector("[name=csrfmiddlewaretoken]").value;
    let said = "";
    try {
      // Signed out meanwhile, the answer leads to a page, which is no sentence.
      const answer = await fetch(form.dataset.glyphs, {
        method: "POST", redirect: "error", headers: { "X-CSRFToken": token }, body,
      });
      if (answer.status === 200) said = await answer.text();
    } catch { return; /* no connection: what is known stays */ }
    let note = field.querySelector("[data-lacking]");
    if (!note && said) {
      note = document.createElement("p");
      note.className = "small late";
      note.dataset.lacking = "";
      note.setAttribute("role", "status");
      field.append(note);
    }
    if (note) note.textContent = said;
  });
}

// Asks before a page with unsaved typing is left.
function guard(form) {
  let dirty = false;
  form.addEventListener("input", () => { dirty = true; });
  form.addEventListener("submit", () => { dirty = false; });
  // The report form saves itself; its script says when everything typed is safe.
  form.addEventListener("kept", () => { dirty = false; });
  // A form that saves itself: what was typed while it was on its way makes it dirty again.
  form.addEventListener("htmx:beforeRequest", () => { dirty = false; });
  form.addEventListener("htmx:afterRequest", (event) => { if (!event.detail.successful) dirty = true; });
  window.addEventListener("beforeunload", (event) => { if (dirty) event.preventDefault(); });
}

// A form that saves itself carries the version it was saved as. Sending it waits for a save that is
// on its way, and no save follows it: else it would meet itself as somebody else's change.
function inTurn(form) {
  let saving = false, sender = null, sent = false;
  form.addEventListener("htmx:beforeRequest", (event) => {
    if (sent) event.preventDefault();
    else saving = true;
  });
  form.addEventListener("htmx:afterRequest", () => {
    saving = false;
    if (sender) form.requestSubmit(sender);
  });
  form.addEventListener("submit", (event) => {
    if (saving) {
      event.preventDefault();
      sender = event.submitter;
    } else sent = true;
  });
  // Come back to, the page may save again.
  window.addEventListener("pageshow", () => { sent = false; sender = null; });
}

document.addEventListener("DOMContentLoaded", () => {
  document.querySelectorAll("[data-count-for]").forEach(count);
  document.querySelectorAll("[data-late]").forEach(lateness);
  document.querySelectorAll("table[data-sums]").forEach(sums);
  document.querySelectorAll("output[data-whole]").forEach(partsOf);
  document.querySelectorAll("form[data-guard]").forEach(guard);
  document.querySelectorAll("form[data-guard][hx-post]").forEach(inTurn);
  document.querySelectorAll("form[data-glyphs]").forEach(glyphs);
});
