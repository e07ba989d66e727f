// The desk: J and K walk the rows, X chooses one, Enter opens it; the bar counts what is chosen. The
// keys can be switched off (app.js).
"use strict";

document.addEventListener("DOMContentLoaded", () => {
  const rows = [...document.querySelectorAll("table.desk tbody tr:not(.whyrow)")];
  const boxes = [...document.querySelectorAll('form:has([data-chosen]) td input[type="checkbox"]')];
  let at = -1;

  const count = () => {
    const chosen = boxes.filter((box) => box.checked).length;
    document.querySelectorAll("[data-chosen]").forEach((out) => { out.textContent = chosen; });
  };
  boxes.forEach((box) => box.addEventListener("change", count));
  if (boxes.length) count();

  // "All" and "this goal" tick in the page; without a script their address does.
  document.querySelectorAll("a[data-tick]").forEach((link) => link.addEventListener("click", (event) => {
    const wanted = link.dataset.tick;
    boxes.forEach((box) => {
      if (!wanted) box.checked = false;
      else if ("whole" in box.dataset && ["all", box.dataset.goal].includes(wanted)) box.checked = true;
    });
    count();
    event.preventDefault();
  }));

  // The bar is in view already: an address would scroll to where it stands in the page.
  document.querySelectorAll("a.past").forEach((link) => link.addEventListener("click", (event) => {
    event.preventDefault();
    document.getElementById("bulk").focus();
  }));

  const mark = (to) => {
    if (at >= 0) rows[at].classList.remove("is-on");
    at = to;
    rows[at].classList.add("is-on");
  };
  // X is for the row in which the Tab key stands.
  document.addEventListener("focusin", (event) => {
    const here = rows.indexOf(event.target.closest("tr"));
    if (here >= 0) mark(here);
  });
  document.addEventListener("keydown", (event) => {
    if (!rows.length || document.documentElement.dataset.keys === "off") return;
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (event.target.closest('textarea, select, input:not([type="checkbox"])')) return;
    const key = event.key.toLowerCase();
    if (key === "j" || key === "k") {
      mark(Math.max(0, Math.min(rows.length - 1, at + (key === "j" ? 1 : -1))));
      rows[at].scrollIntoView({ block: "nearest" });
      rows[at].querySelector("th a")?.focus({ preventScroll: true });
    } else if (key === "x" && at >= 0) {
      rows[at].querySelector('input[type="checkbox"]')?.click();
    } else return;
    event.preventDefault();
  });
});
