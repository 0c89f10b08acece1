/* One event stream of a run, held only while its tab is visible, resumed after the last id it saw. */

const NAMES = ["queued", "started", "delta", "reset", "succeeded", "failed", "stopped"];

export class Stream {
  /* listener: event(name, data), lost() while the browser reconnects, refused() when it will not. */
  constructor(url, listener, last = "") {
    this.url = url;
    this.listener = listener;
    this.last = last;
    this.turn = () => (document.hidden ? this.pause() : this.open());
    document.addEventListener("visibilitychange", this.turn);
    this.open();
  }

  open() {
    if (this.source || this.isClosed || document.hidden) return;
    const source = new EventSource(this.last ? `${this.url}&last=${encodeURIComponent(this.last)}` : this.url);
    for (const name of NAMES) source.addEventListener(name, (event) => this.receive(source, name, event));
    source.addEventListener("open", () => source === this.source && this.listener.found());
    source.addEventListener("error", () => source === this.source && this.stumble(source));
    this.source = source;
  }

  receive(source, name, event) {
    if (source !== this.source) return;
    if (event.lastEventId) this.last = event.lastEventId;
    this.listener.event(name, JSON.parse(event.data));
  }

  stumble(source) {
    if (source.readyState !== EventSource.CLOSED) return this.listener.lost();
    this.close();
    return this.listener.refused(this.last);
  }

  pause() {
    this.source?.close();
    this.source = null;
  }

  close() {
    this.isClosed = true;
    this.pause();
    document.removeEventListener("visibilitychange", this.turn);
  }
}
