/* A link to a page with the reader's values and settings in its fragment, which no server ever sees. */
import { copyFrom } from "./copy.js";
import { changed, put } from "./try-it/settings.js";

function read(hash) {
  const values = {};
  const settings = {};
  for (const [name, value] of new URLSearchParams(hash.slice(1))) {
    if (name.startsWith("v.")) values[name.slice(2)] = value.slice(0, 4000);
    else settings[name] = value.slice(0, 200);
  }
  return { values, settings };
}

/* Fills a panel from the link that the reader followed. */
export function takeFragment(panel) {
  const { values, settings } = read(location.hash);
  for (const field of panel.fields) field.value = values[field.dataset.variable] ?? field.value;
  if (panel.canRun) put(panel.form, settings);
  panel.refill();
}

/* Copies a link that brings another reader to the same values and settings. */
export function shareFilled(panel, button) {
  const carried = new URLSearchParams(panel.fields.map((field) => [field.name, field.value]));
  for (const [name, value] of panel.canRun ? changed(panel.form) : []) carried.append(name, value);
  const address = new URL(location.href);
  address.hash = carried.toString();
  history.replaceState(null, "", address);
  copyFrom(button, address.href, "Link copied");
}
