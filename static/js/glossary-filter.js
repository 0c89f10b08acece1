/* Narrows the glossary while somebody types, by words, level and group, as the server would. */
import { announce } from "./copy.js";

const form = document.querySelector("[data-glossary-form]");
const [words, level, group] = ["filter", "level", "group"].map((name) => form.querySelector(`[data-glossary-${name}]`));
const terms = [...document.querySelectorAll("[data-term]")];
const pairs = [...document.querySelectorAll("[data-pair]")];
const again = new Map([...document.querySelectorAll("[data-of]")].map((item) => [item.dataset.of, item]));
const shelves = [...document.querySelectorAll("[data-shelf]")];
const letters = [...document.querySelectorAll("[data-to]")];
const none = document.querySelector("[data-none]");
const total = document.querySelector("[data-total]");

const folded = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
for (const item of [...terms, ...pairs]) {
  const parts = [...item.querySelectorAll("a, .aliases, :scope > p")];
  item.haystack = folded(parts.map((part) => part.textContent.replace(/^also /, "")).join(" "));
}

function narrow() {
  const wanted = folded(words.value).split(/\s+/).filter(Boolean);
  const holds = (item) => wanted.every((word) => item.haystack.includes(word));
  const isChosen = (item) => (!level.value || item.dataset.level === level.value) && (!group.value || item.dataset.group === group.value);
  for (const term of terms) {
    term.hidden = !(isChosen(term) && holds(term));
    again.get(term.dataset.term).hidden = term.hidden;
  }
  for (const pair of pairs) pair.hidden = Boolean(level.value || group.value) || !holds(pair);
  for (const shelf of shelves) count(shelf);
  for (const letter of letters) letter.hidden = document.getElementById(letter.dataset.to).hidden;
  const found = terms.filter((term) => !term.hidden).length;
  none.hidden = found > 0 || pairs.some((pair) => !pair.hidden);
  const isNarrowed = Boolean(wanted.length || level.value || group.value);
  total.hidden = !isNarrowed;
  total.firstChild.data = `${found} ${found === 1 ? "term" : "terms"}. `;
  if (isNarrowed) announce(`${found} ${found === 1 ? "term" : "terms"}`);
  remember();
}

function count(shelf) {
  const shown = shelf.querySelectorAll(":is([data-term], [data-pair], [data-of]):not([hidden])").length;
  shelf.hidden = shown === 0;
  shelf.querySelector("[data-count]").textContent = shown;
}

/* The address says what is shown, so that it can be shared. */
function remember() {
  const chosen = [...new FormData(form)].filter(([, value]) => value);
  const query = new URLSearchParams(chosen).toString();
  history.replaceState(history.state, "", `${location.pathname}${query ? `?${query}` : ""}${location.hash}`);
}

form.querySelector("[data-glossary-submit]").hidden = true;
form.addEventListener("input", narrow);
form.addEventListener("submit", (event) => event.preventDefault());
words.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || !words.value) return;
  words.value = "";
  narrow();
});
if (words.value || level.value || group.value) narrow();
