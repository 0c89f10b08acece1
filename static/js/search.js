/* Search as you type: a combobox over /search.json that works by key, pointer and ear. */
import { announce } from "./copy.js";

const PAUSE_MS = 50;
const known = new Map();

async function results(url, query, signal) {
  if (known.has(query)) return known.get(query);
  const answer = await fetch(`${url}?${new URLSearchParams({ q: query })}`, { signal });
  if (!answer.ok) throw new Error(`search answered ${answer.status}`);
  const found = (await answer.json()).results;
  known.set(query, found);
  return found;
}

function element(tag, className, text) {
  const made = document.createElement(tag);
  made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
}

function option(result, id) {
  const link = element("a", "hit");
  link.href = result.url;
  link.id = id;
  link.tabIndex = -1;
  link.setAttribute("role", "option");
  link.setAttribute("aria-selected", "false");
  const line = element("span", "hit-line");
  line.append(element("span", "hit-title", result.title), element("span", "hit-kind", result.kind));
  link.append(line, element("span", "hit-snippet", result.snippet));
  return link;
}

class Search {
  constructor(form) {
    this.form = form;
    this.field = form.querySelector("input[type=search]");
    this.url = form.dataset.url;
    this.place = -1;
    this.list = element("div", "hits");
    this.list.id = `${this.field.id}-hits`;
    this.list.setAttribute("role", "listbox");
    this.list.setAttribute("aria-label", "Results");
    this.list.hidden = true;
    form.append(this.list);
    for (const [name, value] of Object.entries({
      role: "combobox", "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": this.list.id,
    })) this.field.setAttribute(name, value);
    this.field.addEventListener("input", () => this.ask());
    this.field.addEventListener("focus", () => this.field.value.trim() && this.ask());
    this.field.addEventListener("keydown", (event) => this.key(event));
    form.addEventListener("focusout", (event) => form.contains(event.relatedTarget) || this.close());
    this.list.addEventListener("pointerdown", (event) => event.preventDefault());
    if (this.field.value.trim() && this.field === document.activeElement) this.ask();
  }

  get options() { return [...this.list.querySelectorAll("[role=option]")]; }

  ask() {
    clearTimeout(this.timer);
    this.request?.abort();
    const query = this.field.value.trim();
    if (!query) return this.close();
    this.timer = setTimeout(() => this.answer(query), known.has(query) ? 0 : PAUSE_MS);
  }

  async answer(query) {
    this.request = new AbortController();
    try {
      this.show(query, await results(this.url, query, this.request.signal));
    } catch (error) {
      // Aborted by the next key, or offline: Enter still opens the search page.
      if (error.name !== "AbortError") this.close();
    }
  }

  show(query, found) {
    if (this.field.value.trim() !== query) return;
    const rows = found.map((result, place) => option(result, `${this.list.id}-${place}`));
    if (!rows.length) {
      const none = element("p", "hits-none", `Nothing begins like “${query}”. Press Enter to search everything.`);
      none.setAttribute("role", "option");
      none.setAttribute("aria-disabled", "true");
      rows.push(none);
    }
    // A late answer must not take away what the reader has already chosen.
    const chosen = this.options[this.place]?.href;
    this.list.replaceChildren(...rows);
    this.list.hidden = false;
    this.field.setAttribute("aria-expanded", "true");
    this.choose(chosen ? rows.findIndex((row) => row.href === chosen) : -1);
    announce(found.length ? `${found.length} results. Use the arrow keys.` : "No results.");
  }

  choose(place) {
    this.place = place;
    this.options.forEach((row, index) => row.setAttribute("aria-selected", String(index === place)));
    const row = this.options[place];
    if (row) this.field.setAttribute("aria-activedescendant", row.id);
    else this.field.removeAttribute("aria-activedescendant");
    row?.scrollIntoView({ block: "nearest" });
  }

  key(event) {
    const links = this.options.filter((row) => row.href);
    if (event.key === "Escape" && !this.list.hidden) {
      event.preventDefault();
      return this.close();
    }
    if (this.list.hidden || !links.length) return undefined;
    if (event.key === "ArrowDown") this.choose((this.place + 1) % links.length);
    else if (event.key === "ArrowUp") this.choose((this.place + links.length - (this.place < 0 ? 0 : 1)) % links.length);
    else if (event.key === "Enter" && links[this.place]) links[this.place].click();
    else return undefined;
    return event.preventDefault();
  }

  close() {
    clearTimeout(this.timer);
    this.request?.abort();
    this.place = -1;
    this.list.hidden = true;
    this.field.setAttribute("aria-expanded", "false");
    this.field.removeAttribute("aria-activedescendant");
  }
}

export function searchAsYouType(form) {
  return new Search(form);
}
