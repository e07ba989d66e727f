// The desk: J and K walk the rows, X chooses one, Enter opens it; the bar counts what is chosen.
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

  document.addEventListener("keydown", (event) => {
    if (!rows.length || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (event.target.closest('textarea, select, input:not([type="checkbox"])')) return;
    const key = event.key.toLowerCase();
    if (key === "j" || key === "k") {
      if (at >= 0) rows[at].classList.remove("is-on");
      at = Math.max(0, Math.min(rows.length - 1, at + (key === "j" ? 1 : -1)));
      rows[at].classList.add("is-on");
      rows[at].scrollIntoView({ block: "nearest" });
      const link = rows[at].querySelector('th a, input[type="checkbox"]');
      if (link) link.focus({ preventScroll: true });
    } else if (key === "x" && at >= 0) {
      rows[at].querySelector('input[type="checkbox"]')?.click();
    } else return;
    event.preventDefault();
  });
});
