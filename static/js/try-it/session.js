/* One run from the panel's side: ask, follow the stream, and end with what the server has stored. */
import { Refusal, post, read, ready } from "./api.js";
import { Output } from "./output.js";
import { sentenceFor } from "./states.js";
import { Stream } from "./stream.js";

const ENDED = ["succeeded", "failed", "stopped"];
const PATIENCE_MS = [1000, 2000, 4000, 8000];
const pause = (ms) => new Promise((resolve) => { setTimeout(resolve, ms); });

export class Session {
  constructor(root, show) {
    this.root = root;
    this.show = (state, detail = {}) => show(state, { ...detail, ...sentenceFor(state, detail) });
    this.output = new Output(root, (run) => this.again(`${run.url}replay`), (run, place, token) => (
      this.again(run.fork, [["place", place], ["token", token]])
    ));
  }

  async start(url, fields) {
    this.show("sending");
    const created = await post(url, fields);
    this.output.begin();
    this.follow(created);
    return created;
  }

  /* Takes up a run that began before a reload, or in another tab. */
  async resume(json) {
    const run = await read(json);
    this.output.begin();
    if (ENDED.includes(run.state)) return this.present(run, true);
    return this.follow(run);
  }

  /* The same question once more: a replay, or a fork from one of its tokens. */
  async again(url, fields) {
    this.show("sending");
    try {
      const created = await post(url, fields);
      // A run page shows its one run; the new one has a page of its own.
      if (this.root.dataset.json) return location.assign(created.url);
      this.output.begin();
      return this.follow(created);
    } catch (refusal) {
      return this.show("refused", { message: refusal.message });
    }
  }

  follow(run) {
    this.run = run;
    this.stream?.close();
    this.failures = 0;
    this.root.dispatchEvent(new CustomEvent("following", { detail: run.json }));
    if (run.state === "running") this.wait("reading");
    else this.queue(run.position || 1);
    this.open("");
  }

  open(last) {
    this.stream = new Stream(this.run.events, {
      event: (name, data) => this.event(name, data),
      lost: () => this.isStopping || this.show("reconnecting"),
      found: () => this.found(),
      refused: (seen) => this.reopen(seen),
    }, last);
  }

  wait(state, detail) {
    this.standing = [state, detail];
    if (!this.isStopping) this.show(state, detail);
  }

  found() {
    this.failures = 0;
    if (this.standing && !this.isStopping) this.show(...this.standing);
  }

  async queue(position) {
    this.wait("queued", { position, estimate: position * 5 });
    const state = await ready().catch(() => null);
    if (this.standing[0] !== "queued") return;
    this.wait("queued", { position, estimate: (position / Math.max(1, state?.queue.running ?? 1)) * averageSeconds() });
  }

  event(name, data) {
    if (name === "queued") this.queue(data.position);
    else if (name === "started") this.wait("reading");
    else if (name === "reset") this.output.clear();
    else if (name === "delta") {
      this.output.append(data.text, data.tokens);
      if (this.standing?.[0] !== "speaking") this.wait("speaking");
    } else this.end();
  }

  /* The server refused the stream: read the row, end if it ended, else try again a little later. */
  async reopen(last) {
    if (!this.isStopping) this.show("reconnecting");
    await pause(PATIENCE_MS[Math.min(this.failures, PATIENCE_MS.length - 1)]);
    this.failures += 1;
    try {
      const run = await read(this.run.json);
      if (ENDED.includes(run.state)) return this.present(run);
      this.run = run;
      return this.open(last);
    } catch (refusal) {
      if (refusal.code === "not_found") return this.lose();
      return this.reopen(last);
    }
  }

  async end() {
    this.stream.close();
    for (const ms of [0, ...PATIENCE_MS]) {
      await pause(ms);
      try {
        return this.present(await read(this.run.json));
      } catch (refusal) {
        if (!(refusal instanceof Refusal)) throw refusal;
      }
    }
    return this.lose();
  }

  present(run, isQuiet = false) {
    this.stream?.close();
    this.run = run;
    this.isStopping = false;
    this.standing = null;
    this.output.finish(run);
    rememberSeconds(run);
    const state = run.state === "succeeded" ? "finished" : run.state;
    this.show(state, {
      reason: run.finish_reason, matches: run.replay_matches, message: run.error?.message, isQuiet,
    });
  }

  lose() {
    this.isStopping = false;
    this.standing = null;
    const message = "The stored answer could not be read. Reload the page to see it.";
    this.output.say(message);
    this.show("failed", { message });
  }

  /* Stop means stopped: the button waits until the server has stored the end. */
  async stop() {
    if (!this.run || this.isStopping) return;
    this.isStopping = true;
    this.show("stopping");
    try {
      await post(this.run.stop);
    } catch (refusal) {
      this.isStopping = false;
      this.show(...(this.standing ?? ["speaking"]));
      this.output.say(refusal.message);
    }
  }
}

const KEPT = "seconds of the last runs";

function averageSeconds() {
  try { return Number(sessionStorage.getItem(KEPT)) || 6; } catch { return 6; }
}

function rememberSeconds(run) {
  const took = (run.timings?.total_s ?? 0) - (run.timings?.queue_s ?? 0);
  try { if (took > 0) sessionStorage.setItem(KEPT, String((averageSeconds() + took) / 2)); } catch { /* Not kept. */ }
}
