/* The Try it panel: its form, the filled preview, and which button may be pressed in which state. */
import { announce, copyFrom } from "../copy.js";
import { fill, pieces } from "../fill.js";
import { ready } from "./api.js";

const UNDER_WAY = new Set(["sending", "queued", "reading", "speaking", "stopping", "reconnecting"]);
const NOTICED = new Set(["away", "limited", "refused"]);
const RUN_LABEL = {
  away: "Check again", refused: "Try again", failed: "Try again", finished: "Run again", stopped: "Run again",
};
const STOP_LABEL = { queued: "Leave queue", stopping: "Stopping" };

class Panel {
  constructor(root) {
    this.root = root;
    this.form = this.find("form");
    this.fields = [...root.querySelectorAll("[data-variable]")];
    this.memory = `run ${location.pathname} ${root.dataset.kind} ${root.dataset.ref}`;
    root.addEventListener("submit", (event) => { event.preventDefault(); this.run(); });
    root.addEventListener("keydown", (event) => this.key(event));
    root.addEventListener("click", (event) => this.click(event));
    root.addEventListener("input", (event) => this.input(event));
    root.addEventListener("change", (event) => this.judge(event.target));
    root.addEventListener("following", (event) => this.remember(event.detail));
    if (this.canRun) this.prepare();
    if (root.dataset.kind === "prompt" && location.hash.includes("=")) {
      import("../share.js").then(({ takeFragment }) => takeFragment(this));
    }
    this.takeUp();
  }

  find(selector) { return this.root.querySelector(selector); }

  get canRun() { return this.find("[data-run]") !== null; }

  get isUnderWay() { return UNDER_WAY.has(this.root.dataset.state); }

  prepare() {
    // The first touch fetches the rest of the panel, so that pressing Try it finds it there.
    const warm = () => import("./session.js");
    this.root.addEventListener("pointerenter", warm, { once: true });
    this.root.addEventListener("focusin", warm, { once: true });
    const watcher = new IntersectionObserver((entries) => {
      if (!entries.some((entry) => entry.isIntersecting)) return;
      watcher.disconnect();
      this.greet();
    }, { rootMargin: "200px" });
    watcher.observe(this.root);
  }

  /* ---- The form and its preview ---- */

  values() {
    const given = this.fields.filter((field) => field.value.trim() || !field.required);
    return Object.fromEntries(given.map((field) => [field.dataset.variable, field.value]));
  }

  filled() { return fill(this.root.dataset.text, this.values()); }

  preview() {
    const values = this.values();
    const parts = pieces(this.root.dataset.text).map(({ text, name }) => {
      if (!name) return document.createTextNode(text);
      const isFilled = Object.hasOwn(values, name);
      const mark = document.createElement("mark");
      mark.className = isFilled ? "variable is-filled" : "variable";
      mark.textContent = isFilled ? values[name] : `[${name}]`;
      return mark;
    });
    this.find("[data-filled]").replaceChildren(...parts);
  }

  showPrompt(which) {
    if (!this.find("[data-filled]")) return;
    if (which === "filled") this.preview();
    this.find("[data-template]").hidden = which === "filled";
    this.find("[data-filled]").hidden = which !== "filled";
    for (const button of this.root.querySelectorAll("[data-show]")) {
      button.setAttribute("aria-pressed", String(button.dataset.show === which));
    }
  }

  input({ target }) {
    if (target.type === "range") this.find(`output[for="${target.id}"]`).textContent = target.value;
    this.complain(target, "");
    if (target.dataset.variable !== undefined) this.refill();
  }

  refill() {
    this.showPrompt("filled");
    this.root.dispatchEvent(new CustomEvent("filled"));
  }

  complain(field, sentence) {
    const place = document.getElementById(`${field.id}-problem`);
    if (!place) return;
    place.textContent = sentence;
    place.hidden = !sentence;
    if (sentence) field.setAttribute("aria-invalid", "true");
    else field.removeAttribute("aria-invalid");
  }

  /* What the server would refuse is said at its field, before anything is sent. */
  async isComplete() {
    const { judge } = await import("../rules.js");
    const wrong = this.fields.filter((field) => judge(this, field));
    if (wrong.length) this.show("filling");
    wrong[0]?.focus();
    return !wrong.length;
  }

  async judge(field) {
    if (field.dataset.variable !== undefined) (await import("../rules.js")).judge(this, field);
  }

  /* ---- Is a model there? Said before anybody presses, when the panel comes near. ---- */

  async greet(isFresh = false) {
    try {
      const { ready: isReady, message, models } = await ready(isFresh);
      const model = models.find((one) => one.is_default) ?? models[0];
      this.find("[data-model]").textContent = model?.name ?? "";
      this.find("[data-about]").textContent = model?.about ?? "";
      if (this.isUnderWay) return;
      if (!isReady) this.show("away", { message });
      else if (this.root.dataset.state === "away") this.show("idle");
    } catch (refusal) {
      if (!this.isUnderWay) this.show("away", refusal);
    }
  }

  async openDrawer(isOpen) {
    this.find("[data-drawer]").hidden = !isOpen;
    this.find("[data-settings]").setAttribute("aria-expanded", String(isOpen));
    if (!isOpen) return;
    const { offer } = await import("./settings.js");
    const state = await ready().catch(() => ({ models: [] }));
    offer(this.form.elements.model, state.models);
  }

  /* ---- Running ---- */

  async session() {
    if (!this.current) {
      const { Session } = await import("./session.js");
      this.current ??= new Session(this.root, (state, detail) => this.show(state, detail));
    }
    return this.current;
  }

  async question() {
    const { changed } = await import("./settings.js");
    const { kind, ref } = this.root.dataset;
    const key = crypto.getRandomValues(new Uint32Array(4)).join("-");
    const values = this.fields.map((field) => [field.name, field.value]);
    return [[kind, ref], ...values, ...changed(this.form), ["key", key]];
  }

  async run() {
    const { state } = this.root.dataset;
    if (!this.canRun || this.isUnderWay || state === "limited") return;
    if (state === "away") return void this.greet(true);
    if (!(await this.isComplete())) return;
    this.showPrompt("filled");
    this.show("sending");
    try {
      const session = await this.session();
      await session.start(this.root.dataset.create, await this.question());
    } catch (refusal) {
      this.refuse(refusal);
    }
  }

  async refuse(refusal) {
    const field = refusal.field && this.form.elements[refusal.field];
    if (field instanceof HTMLElement && document.getElementById(`${field.id}-problem`)) {
      if (field.closest("[data-drawer]")) await this.openDrawer(true);
      this.show("filling");
      this.complain(field, refusal.message);
      field.focus();
    } else if (refusal.code === "no_worker") this.show("away", refusal);
    else if (refusal.retryAfter) this.waitFor(refusal);
    else this.show("refused", { message: refusal.message });
  }

  /* The limit is reached: counts down to the moment when pressing makes sense again. */
  waitFor(refusal) {
    clearInterval(this.countdown);
    const end = Date.now() + refusal.retryAfter * 1000;
    const tick = () => {
      const left = Math.ceil((end - Date.now()) / 1000);
      if (left > 0) return this.find("[data-count]").replaceChildren(`You can run again in ${left} s.`);
      clearInterval(this.countdown);
      return this.show("idle");
    };
    this.show("limited", refusal);
    this.countdown = setInterval(tick, 500);
    tick();
  }

  remember(json) {
    try { sessionStorage.setItem(this.memory, json); } catch { /* No storage: a reload forgets. */ }
  }

  /* A run from before a reload, or the run of a run page. */
  async takeUp() {
    let { json } = this.root.dataset;
    try { json ??= sessionStorage.getItem(this.memory); } catch { /* No storage, nothing to take up. */ }
    if (!json) return;
    const session = await this.session();
    try {
      await session.resume(json);
    } catch {
      // Forgotten by the server, or not ours any more: the panel starts afresh.
      try { sessionStorage.removeItem(this.memory); } catch { /* Nothing kept. */ }
    }
  }

  /* ---- What is shown in which state ---- */

  show(state, detail = {}) {
    const before = this.root.dataset.state;
    this.root.dataset.state = state;
    const [run, stop] = [this.find("[data-run]"), this.find("[data-stop]")];
    const had = document.activeElement;
    for (const [button, isShown, label, isOff] of [
      [run, !this.isUnderWay, RUN_LABEL[state] ?? "Try it", state === "limited"],
      [stop, this.isUnderWay, STOP_LABEL[state] ?? "Stop", state === "stopping" || state === "sending"],
    ]) {
      if (!button) continue;
      button.hidden = !isShown;
      button.setAttribute("aria-disabled", String(isOff));
      button.querySelector("[data-label]").textContent = label;
    }
    if (had === run && run?.hidden) stop?.focus();
    if (had === stop && stop?.hidden) run?.focus();
    this.notice(state, detail);
    const line = this.find("[data-state-text]");
    if (line && detail.text && line.textContent !== detail.text) line.textContent = detail.text;
    const spoken = detail.spoken ?? (NOTICED.has(state) ? detail.message : "");
    if (spoken && !detail.isQuiet && before !== state) announce(spoken);
  }

  notice(state, { message }) {
    const notice = this.find("[data-notice]");
    if (!notice) return;
    notice.hidden = !NOTICED.has(state);
    this.find("[data-notice-text]").textContent = message ?? "";
    this.find("[data-count]").textContent = "";
  }

  key(event) {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      this.run();
    } else if (event.key === "Escape" && this.isUnderWay && this.find("[data-stop]")) {
      event.preventDefault();
      this.current?.stop();
    }
  }

  async click(event) {
    const button = event.target.closest("button");
    if (!button || button.getAttribute("aria-disabled") === "true") {
      if (button) event.preventDefault();
      return;
    }
    const { dataset } = button;
    if ("stop" in dataset) this.current?.stop();
    else if ("settings" in dataset) this.openDrawer(button.getAttribute("aria-expanded") !== "true");
    else if ("dice" in dataset) (await import("./settings.js")).roll(this.form);
    else if ("defaults" in dataset) (await import("./settings.js")).reset(this.form);
    else if ("show" in dataset) this.showPrompt(dataset.show);
    else if ("copyFilled" in dataset) copyFrom(button, this.filled());
    else if ("copyTemplate" in dataset) copyFrom(button, fill(this.root.dataset.text, {}));
    else if ("shareFilled" in dataset) (await import("../share.js")).shareFilled(this, button);
  }
}

for (const root of document.querySelectorAll("[data-bench]")) {
  const panel = new Panel(root);
  if (root.dataset.kind === "prompt" && document.querySelector("[data-open-in], [data-copy-for]")) {
    import("../open-in.js").then(({ openIn }) => openIn(panel));
  }
}
