/* The receipt of a run: what made the answer, and how long each part took. */

const seconds = (value) => (value < 1 ? `${Math.round(value * 1000)} ms` : `${value.toFixed(1)} s`);

const LINES = [
  ["Model", (run) => run.model.name],
  ["Revision", (run) => run.model.revision],
  ["Number format", (run) => run.model.dtype],
  ["Device", (run) => run.model.device],
  ["Seed", (run) => run.settings.seed],
  ["Temperature", (run) => run.settings.temperature],
  ["Tokens in", (run) => run.usage.prompt_tokens],
  ["Tokens out", (run) => run.usage.completion_tokens],
  ["Wait in queue", (run) => run.timings.queue_s, seconds],
  ["First token after", (run) => run.timings.first_token_s, seconds],
  ["Tokens per second", (run) => run.timings.tokens_per_second, (rate) => rate.toFixed(1)],
];

/* One row a line, always all of them: a value that is not known (yet) is a dash. */
export function receiptRows(run) {
  return LINES.map(([label, pick, say = String]) => {
    const value = run ? pick(run) : null;
    const row = document.createElement("div");
    const [term, detail] = [document.createElement("dt"), document.createElement("dd")];
    term.textContent = label;
    detail.textContent = value === undefined || value === null || value === "" ? "–" : say(value);
    row.append(term, detail);
    return row;
  });
}
