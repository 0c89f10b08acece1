/* The answer box: text as it arrives, one paint a frame; at the end formatted, plain, or as tokens. */
import { copyFrom } from "../copy.js";
import { post } from "./api.js";
import { receiptRows } from "./receipt.js";

const NEAR_PX = 32;
// The server's HTML is sanitised where it is made; this policy is the only way for it into the page.
const policy = globalThis.trustedTypes?.createPolicy("answer", { createHTML: (html) => html })
  ?? { createHTML: (html) => html };

export class Output {
  constructor(root, replay, fork) {
    this.part = (name) => root.querySelector(`[data-${name}]`);
    this.box = this.part("answer");
    this.replay = replay;
    this.fork = fork;
    this.view = "text";
    this.tokens = [];
    this.pending = "";
    this.part("out").addEventListener("click", (event) => this.click(event));
  }

  begin() {
    this.run = null;
    this.clear();
    this.part("out").hidden = false;
    this.part("problem").hidden = true;
    this.wait(true);
    this.part("receipt").replaceChildren(...receiptRows(null));
    this.part("views").querySelector("[data-view=formatted]").disabled = true;
    this.box.classList.remove("is-whole");
    this.part("formatted").replaceChildren();
    this.look(this.view === "tokens" ? "tokens" : "text");
  }

  /* What belongs to the end keeps its place from the start, so that nothing below ever jumps. */
  wait(isWaiting) {
    this.part("after").classList.toggle("is-waiting", isWaiting);
    this.part("all").classList.add("is-waiting");
  }

  clear() {
    this.pending = "";
    this.tokens = [];
    this.fresh = [];
    this.firstAt = 0;
    this.part("plain").replaceChildren();
    this.part("rate").textContent = "";
    this.tokenView?.clear();
  }

  append(text, tokens) {
    this.pending += text;
    this.tokens.push(...tokens);
    this.fresh.push(...tokens);
    this.firstAt ||= performance.now();
    this.frame ||= requestAnimationFrame(() => this.paint());
  }

  /* The reader who scrolled up is left alone; the one at the end is taken along. */
  paint() {
    cancelAnimationFrame(this.frame);
    this.frame = 0;
    const { box } = this;
    const isAtEnd = box.scrollHeight - box.scrollTop - box.clientHeight < NEAR_PX;
    if (this.pending) this.part("plain").append(document.createTextNode(this.pending));
    this.pending = "";
    if (this.view === "tokens") this.tokenView?.append(this.fresh.splice(0));
    if (isAtEnd) box.scrollTop = box.scrollHeight;
    const seconds = (performance.now() - this.firstAt) / 1000;
    const rate = (this.tokens.length - 1) / seconds;
    if (this.tokens.length > 2 && seconds > 0.2) this.part("rate").textContent = `${rate.toFixed(rate < 10 ? 1 : 0)} tokens/s`;
  }

  finish(run) {
    this.paint();
    this.run = run;
    const plain = this.part("plain");
    // What stays on the screen is what was stored, byte for byte.
    if (plain.textContent !== run.text) plain.replaceChildren(document.createTextNode(run.text));
    this.tokens = run.tokens;
    this.fresh = [];
    this.part("formatted").innerHTML = policy.createHTML(run.html);
    this.part("views").querySelector("[data-view=formatted]").disabled = !run.html;
    this.part("rate").textContent = run.timings.tokens_per_second ? `${Math.round(run.timings.tokens_per_second)} tokens/s` : "";
    this.part("receipt").replaceChildren(...receiptRows(run));
    this.wait(false);
    this.part("copy-answer").disabled = !run.text;
    this.part("page").href = run.url;
    this.part("share").hidden = !run.is_owner;
    if (run.error) this.say(run.error.message);
    this.look(this.view === "tokens" || !run.html ? this.view : "formatted");
    this.box.scrollTop = 0;
    this.part("all").classList.toggle("is-waiting", this.box.scrollHeight <= this.box.clientHeight + 4);
  }

  say(sentence) {
    this.part("problem").textContent = sentence;
    this.part("problem").hidden = false;
  }

  async look(view) {
    this.view = view;
    for (const name of ["formatted", "text", "tokens"]) {
      this.part("views").querySelector(`[data-view=${name}]`).setAttribute("aria-pressed", String(name === view));
    }
    this.part("plain").hidden = view !== "text";
    this.part("formatted").hidden = view !== "formatted";
    this.part("tokens").hidden = view !== "tokens";
    this.part("inspector").hidden = view !== "tokens";
    if (view !== "tokens") return;
    if (!this.tokenView) {
      const { TokenView } = await import("./tokens.js");
      // An answer can be continued from one of its tokens once it is stored.
      const fork = (place, token) => this.run && this.fork(this.run, place, token);
      this.tokenView ??= new TokenView(this.part("token-row"), this.part("inspector"), fork);
    }
    this.fresh = [];
    this.tokenView.show(this.tokens);
  }

  click(event) {
    const button = event.target.closest("button");
    if (!button) return;
    const { dataset } = button;
    if ("view" in dataset) this.look(dataset.view);
    else if ("copyAnswer" in dataset) copyFrom(button, this.run.text);
    else if ("replay" in dataset) this.replay(this.run);
    else if ("share" in dataset) this.share(button);
    else if ("all" in dataset) this.showAll(button);
  }

  showAll(button) {
    this.box.classList.add("is-whole");
    button.classList.add("is-waiting");
    this.box.focus({ preventScroll: true });
  }

  async share(button) {
    try {
      const { url } = await post(`${this.run.url}share`);
      copyFrom(button, new URL(url, location.href).href, "Link copied");
    } catch (refusal) {
      this.say(refusal.message);
    }
  }
}
