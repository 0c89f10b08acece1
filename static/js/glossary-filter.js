/* Narrows the glossary to the terms that hold what is typed, by name, alias or short definition. */
import { announce } from "./copy.js";

const field = document.querySelector("[data-glossary-filter]");
const terms = [...document.querySelectorAll("[data-term]")];
const shelves = [...document.querySelectorAll("[data-shelf]")];
const none = document.querySelector("[data-none]");

const folded = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
for (const term of terms) term.haystack = folded(term.dataset.term);

function narrow() {
  const words = folded(field.value).split(/\s+/).filter(Boolean);
  const fits = (term) => words.every((word) => term.haystack.includes(word));
  for (const term of terms) term.hidden = !fits(term);
  for (const shelf of shelves) shelf.hidden = !shelf.querySelector("[data-term]:not([hidden])");
  const found = new Set(terms.filter((term) => !term.hidden).map((term) => term.dataset.term)).size;
  none.hidden = found > 0;
  if (words.length) announce(`${found} ${found === 1 ? "term" : "terms"}`);
}

field.addEventListener("input", narrow);
field.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || !field.value) return;
  field.value = "";
  narrow();
});
if (field.value) narrow();
