// On the budget path: a slider beside each growth. It writes into the number field, which is what the
// form sends; without script the field alone does the same.
"use strict";

document.querySelectorAll("[data-slides]").forEach((slider) => {
  const field = document.getElementById(slider.dataset.slides);
  const follow = () => {
    const number = Number(field.value);
    if (field.value.trim() && Number.isFinite(number)) slider.value = number;
  };
  slider.hidden = false;
  follow();
  field.addEventListener("input", follow);
  slider.addEventListener("input", () => {
    field.value = slider.value;
    const choice = document.getElementById(slider.dataset.chooses);
    if (choice) choice.checked = true;
  });
});
