// data-usual on the form: {"plan:kind": [first, last]}. The usual years stand in their fields until
// somebody types others; left blank, the server takes the same ones.
const form = document.querySelector("[data-usual]");
const usual = JSON.parse(form.dataset.usual);
const { plan, kind, first_year: first, last_year: last } = form.elements;
let filled = ["", ""];

function fill() {
  if (first.value !== filled[0] || last.value !== filled[1]) return;
  filled = (usual[`${plan.value}:${kind.value}`] || ["", ""]).map(String);
  [first.value, last.value] = filled;
}

plan.addEventListener("change", fill);
kind.addEventListener("change", fill);
fill();
