/* The settings drawer: what the reader changed, back to the defaults, and which models are offered. */

export const NAMES = [
  "temperature", "top_p", "top_k", "max_tokens", "seed", "stop", "model",
  "min_p", "repetition_penalty", "frequency_penalty", "presence_penalty",
];

/* [name, value] of every setting that differs from the page's own; the server knows the rest. */
export function changed(form) {
  return NAMES.flatMap((name) => {
    const field = form.elements[name];
    const value = field?.value.trim();
    if (!value) return [];
    if (name === "stop") return field.value.split("\n").filter(Boolean).map((stop) => ["stop", stop]);
    const isOwn = name === "model" ? field.selectedOptions[0]?.dataset.default : field.value === field.defaultValue;
    return isOwn ? [] : [[name, value]];
  });
}

export function readOut(form, slider) {
  const output = form.querySelector(`output[for="${slider.id}"]`);
  if (output) output.textContent = slider.value;
}

export function put(form, values) {
  for (const [name, value] of Object.entries(values)) {
    const field = NAMES.includes(name) && form.elements[name];
    if (!field) continue;
    field.value = value;
    readOut(form, field);
  }
}

export function reset(form) {
  for (const name of NAMES) {
    const field = form.elements[name];
    if (name === "model") for (const option of field.options) option.selected = Boolean(option.dataset.default);
    else field.value = field.defaultValue;
    readOut(form, field);
  }
}

export function roll(form) {
  form.elements.seed.value = crypto.getRandomValues(new Uint32Array(1))[0];
}

/* Lists the models anew, since a worker may have come or gone; keeps what was chosen. */
export function offer(select, models) {
  const chosen = select.value;
  select.replaceChildren(...models.map((model) => {
    const option = new Option(model.is_ready ? model.name : `${model.name} (not running)`, model.id);
    option.disabled = !model.is_ready;
    option.selected = chosen ? model.id === chosen : model.is_default;
    if (model.is_default) option.dataset.default = "1";
    return option;
  }));
}
