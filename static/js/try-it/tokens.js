/* The token view: every token a chip shaded by how surprising it was, with its rivals on demand. */

/* From sure to surprising; each step is a shade and an underline weight in components.css. */
const STEPS = [0.9, 0.7, 0.5, 0.3, 0.1];
const TOP = 5;

const stepOf = (probability) => STEPS.filter((edge) => probability < edge).length;
const percent = (probability) => {
  const value = probability * 100;
  return value > 0 && value < 0.1 ? "< 0.1 %" : `${value.toFixed(value < 10 ? 1 : 0)} %`;
};
const visible = (text) => text.replaceAll("\n", "⏎").replaceAll("\t", "⇥").replace(/^ | $/g, "·") || "∅";

function element(tag, className, text) {
  const made = document.createElement(tag);
  made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
}

export class TokenView {
  /* `fork(place, token)` continues the answer with another token, where that is possible. */
  constructor(row, inspector, fork) {
    this.fork = fork;
    this.row = row;
    this.inspector = inspector;
    this.tokens = [];
    this.row.addEventListener("click", (event) => this.open(event.target.closest("button")));
    this.row.addEventListener("keydown", (event) => this.key(event));
  }

  clear() {
    this.tokens = [];
    this.row.replaceChildren();
    this.inspector.replaceChildren(element("p", "inspector-hint", "Choose a token to see what else the model considered."));
  }

  /* All tokens of an answer; what already stands there, and what is open in it, is left alone. */
  show(tokens) {
    if (tokens.length && tokens.map(({ t }) => t).join("") === this.tokens.map(({ t }) => t).join("")) return;
    this.clear();
    this.append(tokens);
  }

  append(tokens) {
    const made = document.createDocumentFragment();
    for (const token of tokens) made.append(...this.chip(token));
    this.row.append(made);
  }

  chip(token) {
    const probability = Math.exp(token.p);
    const chip = element("button", `token token-${stepOf(probability)}`, visible(token.t));
    chip.type = "button";
    chip.dataset.place = this.tokens.length;
    chip.tabIndex = this.tokens.length ? -1 : 0;
    chip.setAttribute("aria-label", `${visible(token.t)}, ${percent(probability)}`);
    this.tokens.push(token);
    return token.t.includes("\n") ? [chip, document.createElement("br")] : [chip];
  }

  /* One stop for Tab, arrow keys within: two hundred tokens are not two hundred stops. */
  key(event) {
    const chip = event.target.closest("button");
    const step = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: 10, ArrowUp: -10, Home: -Infinity, End: Infinity }[event.key];
    if (!chip || step === undefined) return;
    event.preventDefault();
    const place = Math.min(this.tokens.length - 1, Math.max(0, Number(chip.dataset.place) + step));
    this.open(this.row.querySelector(`[data-place="${place}"]`));
  }

  open(chip) {
    if (!chip) return;
    for (const other of this.row.querySelectorAll("[aria-pressed=true]")) other.removeAttribute("aria-pressed");
    for (const other of this.row.querySelectorAll("[tabindex='0']")) other.tabIndex = -1;
    chip.setAttribute("aria-pressed", "true");
    chip.tabIndex = 0;
    chip.focus();
    this.inspect(this.tokens[chip.dataset.place], Number(chip.dataset.place));
  }

  inspect(token, place) {
    const title = element("p", "inspector-title");
    title.append(
      element("b", "inspector-token", visible(token.t)),
      ` was number ${token.r} of the model’s choices, with ${percent(Math.exp(token.p))}.`,
    );
    const rivals = token.a.some(([text]) => text === token.t) ? token.a : [...token.a.slice(0, TOP), [token.t, token.p]];
    const list = element("ol", "rivals");
    list.append(...rivals.map(([text, logprob, id]) => {
      const row = this.rival(text, Math.exp(logprob), text === token.t);
      if (this.fork && id !== undefined && id !== token.i && !text.includes("\ufffd")) row.append(this.way(place, text, id));
      return row;
    }));
    this.inspector.replaceChildren(title, list);
  }

  way(place, text, id) {
    const button = element("button", "quiet rival-way", "Continue with this");
    button.type = "button";
    button.setAttribute("aria-label", `Continue from here with ${visible(text)}`);
    button.addEventListener("click", () => this.fork(place, id));
    return button;
  }

  rival(text, probability, isChosen) {
    const row = element("li", isChosen ? "rival is-chosen" : "rival");
    const bar = element("span", "rival-bar");
    const fill = element("span", "rival-fill");
    fill.style.inlineSize = `${Math.max(0.5, probability * 100)}%`;
    bar.append(fill);
    row.append(element("code", "rival-text", visible(text)), bar, element("span", "rival-value", percent(probability)));
    return row;
  }
}
