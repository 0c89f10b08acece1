/* What a reader has to change about the value of a variable, by the rules of guide/models/variable.py;
   both are tested on tests/guide/value_cases.json. */

const NUMBER = /^[+-]?[0-9]{1,15}([.,][0-9]{1,9})?$/;

/* The sentence, or "" if the value is right. */
export function problemWith({ kind, label, required, options, example }, value) {
  if (!value.trim()) return required ? `Fill in ${label} first.` : "";
  if (kind === "choice" && !options.includes(value)) return `${label} is one of: ${options.join(", ")}.`;
  if (kind === "number" && !NUMBER.test(value.trim())) return `${label} is a number, such as ${example || "10"}.`;
  return "";
}

/* The variable that a form field asks for. */
export function described(field) {
  const kind = field.tagName === "SELECT" ? "choice" : field.inputMode === "decimal" ? "number" : "text";
  const options = kind === "choice" ? [...field.options].map((option) => option.value).filter(Boolean) : [];
  return { kind, label: field.dataset.label, required: field.required, options, example: field.placeholder };
}

/* Says at the field what is wrong with it, or takes back what was said. */
export function judge(panel, field) {
  const sentence = problemWith(described(field), field.value);
  panel.complain(field, sentence);
  return sentence;
}
