/* Copies text to the clipboard and says so: on the button, and to screen readers. */

export function announce(sentence) {
  const status = document.getElementById("announce");
  if (!status) return;
  status.textContent = "";
  requestAnimationFrame(() => { status.textContent = sentence; });
}

function copyBySelection(text) {
  const field = document.createElement("textarea");
  field.value = text;
  field.className = "visually-hidden";
  document.body.append(field);
  field.select();
  const done = document.execCommand("copy");
  field.remove();
  return done;
}

export async function copyText(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    // No clipboard interface on plain http, or no permission: the old way still may work.
    return copyBySelection(text);
  }
}

/* Copies and shows the outcome on the button for a moment. */
export async function copyFrom(button, text, done = "Copied") {
  const worked = await copyText(text);
  const label = button.querySelector("[data-label]") ?? button;
  button.dataset.before ??= label.textContent;
  label.textContent = worked ? done : "Press Ctrl+C";
  button.classList.toggle("is-done", worked);
  announce(worked ? done : "Copying did not work. Select the text and press Ctrl+C.");
  clearTimeout(Number(button.dataset.timer));
  button.dataset.timer = setTimeout(() => {
    label.textContent = button.dataset.before;
    delete button.dataset.before;
    button.classList.remove("is-done");
  }, 1600);
}

document.addEventListener("click", (event) => {
  const button = event.target.closest?.("[data-copy]");
  if (button) copyFrom(button, button.dataset.copy);
});
