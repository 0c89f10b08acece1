/* The entry of every page: opens what a link points at, and loads the search when it is wanted. */
import "./copy.js";

function openTarget() {
  const target = document.getElementById(location.hash.slice(1));
  if (target instanceof HTMLDetailsElement) {
    target.open = true;
    target.scrollIntoView();
  }
}

function isTyping(element) {
  return element.isContentEditable || /^(input|textarea|select)$/i.test(element.tagName);
}

function focusSearch(event) {
  if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
  const field = document.querySelector("[data-search] input[type=search]");
  if (!field) return;
  event.preventDefault();
  field.focus();
  field.select();
}

async function startSearch(event) {
  const form = event.target.closest?.("[data-search]");
  if (!form || form.dataset.search === "live") return;
  form.dataset.search = "live";
  const { searchAsYouType } = await import("./search.js");
  searchAsYouType(form);
}

openTarget();
addEventListener("hashchange", openTarget);
document.addEventListener("keydown", focusSearch);
document.addEventListener("focusin", startSearch);
if (document.activeElement?.closest("[data-search]")) startSearch({ target: document.activeElement });
