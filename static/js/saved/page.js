/* The page of saved prompts: shown from the browser's storage alone, taken along and brought back as a file. */
import { announce } from "../copy.js";
import { LONGEST_NAME, checked, empty, keep, load, merged } from "./store.js";

const root = document.querySelector("[data-saved]");
const base = root.dataset.base;
const MOST_BYTES = 4_000_000;

function element(tag, className, text) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
}

function store(saved, sentence) {
  say(keep(saved) ? sentence : "This browser keeps nothing: its storage is full or switched off.");
  show();
}

function say(sentence) {
  root.querySelector("[data-said]").textContent = sentence;
  announce(sentence);
}

function item(prompt, remove) {
  const row = element("li", "card prompt-card");
  const heading = element("h3");
  const link = element("a", "", prompt.title);
  link.href = base.replace("-slug-", prompt.slug);
  heading.append(link);
  const button = element("button", "quiet card-remove", "Remove");
  button.type = "button";
  button.setAttribute("aria-label", `Remove ${prompt.title}`);
  button.addEventListener("click", () => remove(prompt));
  row.append(heading, element("p", "", prompt.description), button);
  return row;
}

function list(prompts, none, remove) {
  if (!prompts.length) return element("p", "empty", none);
  const found = element("ul", "cards");
  found.append(...prompts.map((prompt) => item(prompt, remove)));
  return found;
}

const without = (prompts, prompt) => prompts.filter((one) => one.slug !== prompt.slug);

function plain(name, none) {
  const remove = (prompt) => {
    const saved = load();
    store({ ...saved, [name]: without(saved[name], prompt) }, `${prompt.title} is no longer here.`);
  };
  root.querySelector(`[data-${name}]`).replaceChildren(list(load()[name], none, remove));
}

function changedCollection(name, change) {
  const saved = load();
  return { ...saved, collections: saved.collections.flatMap((one) => (one.name === name ? change(one) : [one])) };
}

function collection({ name, prompts }) {
  const section = element("section", "collection");
  const heading = element("h3", "", `${name} `);
  heading.append(element("span", "count", String(prompts.length)));
  const tools = element("p", "collection-tools");
  const rename = element("button", "quiet", "Rename");
  const drop = element("button", "quiet", "Delete");
  rename.addEventListener("click", () => renameForm(name, tools));
  drop.addEventListener("click", () => store(changedCollection(name, () => []), `The collection ${name} is gone; its prompts are still in the library.`));
  for (const button of [rename, drop]) {
    button.type = "button";
    button.setAttribute("aria-label", `${button.textContent} ${name}`);
    tools.append(button);
  }
  const remove = (prompt) => store(
    changedCollection(name, (one) => [{ ...one, prompts: without(one.prompts, prompt) }]), `${prompt.title} is no longer in ${name}.`,
  );
  section.append(heading, tools, list(prompts, "This collection is empty.", remove));
  return section;
}

function renameForm(name, place) {
  const form = element("form", "joined");
  const field = element("input");
  field.type = "text";
  field.value = name;
  field.maxLength = LONGEST_NAME;
  field.setAttribute("aria-label", "New name");
  form.append(field, element("button", "button plain", "Rename"));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const wanted = field.value.trim();
    const isTaken = wanted !== name && load().collections.some((one) => one.name === wanted);
    if (!wanted || isTaken) return say(wanted ? `There is a collection called ${wanted} already.` : "Write a name.");
    return store(changedCollection(name, (one) => [{ ...one, name: wanted }]), `${name} is called ${wanted} now.`);
  });
  place.replaceChildren(form);
  field.focus();
  field.select();
}

function show() {
  const { collections } = load();
  plain("favourites", "Nothing saved yet. Press Save on the page of a prompt.");
  plain("recent", "Nothing run yet. What you run on the page of a prompt is listed here.");
  const sections = collections.map(collection);
  const none = element("p", "empty", "No collection yet. On the page of a prompt, add it to one under a name of your own.");
  root.querySelector("[data-collections]").replaceChildren(...(sections.length ? sections : [none]));
}

function takeAlong() {
  const address = URL.createObjectURL(new Blob([JSON.stringify(load(), null, 1)], { type: "application/json" }));
  const link = element("a");
  link.href = address;
  link.download = "saved-prompts.json";
  link.click();
  URL.revokeObjectURL(address);
  say("The file is in your downloads.");
}

async function bringBack(field) {
  const [file] = field.files;
  if (!file) return;
  try {
    if (file.size > MOST_BYTES) throw new Error("The file is larger than 4 MB; that is more than this page keeps.");
    const found = checked(parsed(await file.text()));
    store(merged(load(), found), `${file.name} was brought in: ${found.favourites.length} saved, ${found.collections.length} collections.`);
  } catch (error) {
    say(`${file.name} was not brought in. ${error.message}`);
  }
  field.value = "";
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    throw new Error("It is no JSON.");
  }
}

root.querySelector("[data-export]").addEventListener("click", takeAlong);
root.querySelector("[data-import]").addEventListener("change", (event) => bringBack(event.target));
root.querySelector("[data-clear]").addEventListener("click", () => {
  if (confirm("Forget everything that is saved in this browser?")) store(empty(), "Everything is forgotten.");
});
addEventListener("storage", show);
show();
root.hidden = false;
