// Keys of the review screen: J and K go to the next and previous part, A accepts it, R returns it
// and goes to its reason. Each has a control on the page that does the same.
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

  document.addEventListener("focusin", (event) => {
    const here = parts.indexOf(event.target.closest("section.rv"));
    if (here < 0 || here === at) return;
    if (at >= 0) parts[at].classList.remove("is-on");
    at = here;
    parts[at].classList.add("is-on");
  });
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (event.target.closest('textarea, select, input:not([type="radio"], [type="checkbox"])')) return;
    const key = event.key.toLowerCase();
    if (key === "j") go(at + 1);
    else if (key === "k") go(at - 1);
    else if (key === "a") decide("accept");
    else if (key === "r") decide("return");
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
