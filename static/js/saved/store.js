/* Favourites, collections and recent runs as one value in the browser's own storage. */

const KEY = "saved prompts";
export const MOST_RECENT = 20;
export const MOST_SAVED = 2000;
export const MOST_COLLECTIONS = 100;
export const LONGEST_NAME = 60;

const SLUG = /^[a-z0-9]+(?:-[a-z0-9]+)*$/;

export const empty = () => ({ version: 1, favourites: [], collections: [], recent: [] });

/* What is kept; something unreadable counts as nothing, and stays until something is saved. */
export function load() {
  try {
    const text = localStorage.getItem(KEY);
    return text ? checked(JSON.parse(text)) : empty();
  } catch {
    return empty();
  }
}

/* Says whether it was kept: storage may be full or switched off. */
export function keep(saved) {
  try {
    localStorage.setItem(KEY, JSON.stringify(saved));
    dispatchEvent(new Event("saved"));
    return true;
  } catch {
    return false;
  }
}

function card(value, place) {
  if (typeof value !== "object" || value === null) throw new Error(`${place} is no prompt.`);
  const { slug, title, description = "" } = value;
  if (typeof slug !== "string" || slug.length > 80 || !SLUG.test(slug)) throw new Error(`${place} has no slug that could be one of ours.`);
  if (typeof title !== "string" || !title.trim()) throw new Error(`${place} (${slug}) has no title.`);
  return { slug, title: title.slice(0, 200), description: String(description).slice(0, 400) };
}

function cards(list, place, most) {
  if (!Array.isArray(list)) throw new Error(`${place} must be a list.`);
  if (list.length > most) throw new Error(`${place} has ${list.length} entries; ${most} is the most.`);
  const found = list.map((value, number) => card(value, `Entry ${number + 1} of ${place}`));
  return [...new Map(found.map((one) => [one.slug, one])).values()];
}

/* The value with everything in it as it should be; an Error says in words what is not. */
export function checked(value) {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw new Error("This is no collection of saved prompts.");
  if (value.version !== 1) throw new Error("This file was not written by this page, or by a newer one: its version is not 1.");
  const { collections = [] } = value;
  if (!Array.isArray(collections)) throw new Error("The collections must be a list.");
  if (collections.length > MOST_COLLECTIONS) throw new Error(`There are ${collections.length} collections; ${MOST_COLLECTIONS} is the most.`);
  const named = new Map();
  for (const [number, collection] of collections.entries()) {
    const name = typeof collection?.name === "string" ? collection.name.trim().slice(0, LONGEST_NAME) : "";
    if (!name) throw new Error(`Collection ${number + 1} has no name.`);
    if (named.has(name)) throw new Error(`Two collections are called ${name}.`);
    named.set(name, { name, prompts: cards(collection.prompts ?? [], `the collection ${name}`, MOST_SAVED) });
  }
  return {
    version: 1,
    favourites: cards(value.favourites ?? [], "the favourites", MOST_SAVED),
    collections: [...named.values()],
    recent: cards(value.recent ?? [], "the recent runs", MOST_SAVED).slice(0, MOST_RECENT),
  };
}

const without = (list, slug) => list.filter((one) => one.slug !== slug);

export const isFavourite = (saved, slug) => saved.favourites.some((one) => one.slug === slug);

export function toggled(saved, prompt) {
  const has = isFavourite(saved, prompt.slug);
  return { ...saved, favourites: has ? without(saved.favourites, prompt.slug) : [prompt, ...saved.favourites] };
}

export function withRecent(saved, prompt) {
  return { ...saved, recent: [prompt, ...without(saved.recent, prompt.slug)].slice(0, MOST_RECENT) };
}

/* A collection of this name with the prompt in it, made if there was none. */
export function collected(saved, name, prompt) {
  const known = saved.collections.find((one) => one.name === name) ?? { name, prompts: [] };
  const grown = { name, prompts: [...without(known.prompts, prompt.slug), prompt] };
  return { ...saved, collections: [...saved.collections.filter((one) => one.name !== name), grown] };
}

/* Both together: nothing that was kept is lost. */
export function merged(one, other) {
  const join = (first, second) => [...new Map([...second, ...first].map((each) => [each.slug, each])).values()];
  const names = new Set([...one.collections, ...other.collections].map((each) => each.name));
  const of = (saved, name) => saved.collections.find((each) => each.name === name)?.prompts ?? [];
  return {
    version: 1,
    favourites: join(one.favourites, other.favourites),
    collections: [...names].map((name) => ({ name, prompts: join(of(one, name), of(other, name)) })),
    recent: join(other.recent, one.recent).slice(0, MOST_RECENT),
  };
}
