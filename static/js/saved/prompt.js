/* On a prompt page: the Save button, the choice of a collection, and noting what was run. */
import { announce } from "../copy.js";
import { LONGEST_NAME, collected, isFavourite, keep, load, toggled, withRecent } from "./store.js";

const root = document.querySelector("[data-save]");
const prompt = { slug: root.dataset.slug, title: root.dataset.title, description: root.dataset.description };
const button = root.querySelector("[data-favourite]");
const form = root.querySelector("[data-collect]");
const names = root.querySelector("datalist");

function show() {
  const saved = load();
  const isKept = isFavourite(saved, prompt.slug);
  button.setAttribute("aria-pressed", String(isKept));
  button.querySelector("[data-label]").textContent = isKept ? "Saved" : "Save";
  names.replaceChildren(...saved.collections.map(({ name }) => new Option(name, name)));
}

function store(saved, sentence) {
  announce(keep(saved) ? sentence : "This browser keeps nothing: its storage is full or switched off.");
  show();
}

button.addEventListener("click", () => {
  const saved = load();
  const isKept = isFavourite(saved, prompt.slug);
  store(toggled(saved, prompt), isKept ? "No longer saved." : "Saved in this browser.");
});

form.addEventListener("submit", (event) => {
  event.preventDefault();
  const field = form.elements.collection;
  const name = field.value.trim().slice(0, LONGEST_NAME);
  if (!name) return field.focus();
  store(collected(load(), name, prompt), `Added to ${name}.`);
  root.querySelector("[data-collected]").textContent = `Added to ${name}.`;
  field.value = "";
  return undefined;
});

document.addEventListener("following", () => keep(withRecent(load(), prompt)), true);
addEventListener("saved", show);
addEventListener("storage", show);
show();
root.hidden = false;
