// Keys of the review screen: J and K go to the next and previous part, A accepts it, R returns it
// and goes to its reason, N and P open the next and the previous report of the queue. Each has a
// control on the page that does the same, and they can be switched off (app.js). A reason kept ready
// is put into the text, to be worked on.
"use strict";

document.addEventListener("DOMContentLoaded", () => {
  const parts = [...document.querySelectorAll("section.rv")];
  if (!parts.length) return;
  let at = -1;

  const go = (to) => {
    if (at >= 0) parts[at].classList.remove("is-on");
    at = Math.max(0, Math.min(parts.length - 1, to));
    parts[at].classList.add("is-on");
    parts[at].scrollIntoView({ block: "nearest" });
    const radio = parts[at].querySelector('input[type="radio"]:checked, input[type="radio"]');
    if (radio) radio.focus({ preventScroll: true });
  };
  const decide = (value) => {
    if (at < 0) go(0);
    const radio = parts[at].querySelector(`input[type="radio"][value="${value}"]`);
    if (!radio || radio.disabled) return;
    radio.checked = true;
    radio.dispatchEvent(new Event("change", { bubbles: true }));
    const reason = parts[at].querySelector("textarea");
    if (value === "return" && reason) reason.focus();
    else {
      // On to the next part that wants a decision.
      let to = at + 1;
      while (parts[to + 1] && !parts[to].querySelector('input[type="radio"]')) to += 1;
      go(to);
    }
  };

  const follow = (rel) => document.querySelector(`.queue a[rel="${rel}"]`)?.click();

  document.querySelectorAll("select[data-canned]").forEach((select) => {
    const told = document.createElement("span");
    told.className = "small two";
    told.setAttribute("role", "status");
    select.after(told);
    select.addEventListener("change", () => {
      const reason = document.getElementById(select.dataset.canned);
      const text = select.selectedOptions[0]?.textContent.trim();
      if (!select.value || !reason || !text) return;
      if (!reason.value.includes(text)) {
        reason.value = [reason.value.trim(), text].filter(Boolean).join("\n");
        reason.dispatchEvent(new Event("input", { bubbles: true }));
      }
      select.value = "";
      told.textContent = select.dataset.typed;
    });
  });

  document.addEventListener("focusin", (event) => {
    const here = parts.indexOf(event.target.closest("section.rv"));
    if (here < 0 || here === at) return;
    if (at >= 0) parts[at].classList.remove("is-on");
    at = here;
    parts[at].classList.add("is-on");
  });
  document.addEventListener("keydown", (event) => {
    if (document.documentElement.dataset.keys === "off") return;
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (event.target.closest('textarea, select, input:not([type="radio"], [type="checkbox"])')) return;
    const key = event.key.toLowerCase();
    if (key === "j") go(at + 1);
    else if (key === "k") go(at - 1);
    else if (key === "a") decide("accept");
    else if (key === "r") decide("return");
    else if (key === "n") follow("next");
    else if (key === "p") follow("prev");
    else return;
    event.preventDefault();
  });

  // The bar at the foot counts along; the server counts again.
  const tally = () => {
    const chosen = (value) =>
      parts.filter((part) => part.querySelector(`input[value="${value}"]:checked`)).length;
    const counts = { accept: chosen("accept"), return: chosen("return") };
    counts.open = parts.filter((part) => part.querySelector('input[type="radio"]')).length
      - counts.accept - counts.return;
    document.querySelectorAll("[data-tally]").forEach((out) => {
      out.textContent = counts[out.dataset.tally];
    });
    parts.forEach((part) => {
      const box = part.querySelector(".dc");
      if (!box) return;
      const value = box.querySelector('input[type="radio"]:checked')?.value;
      box.classList.toggle("dc-ok", value === "accept");
      box.classList.toggle("dc-ret", value === "return");
      box.classList.toggle("dc-open", !value);
      const open = box.querySelector(".undec");
      if (open) open.hidden = Boolean(value);
    });
  };
  document.addEventListener("change", tally);
  tally();
});
