/* The receipt of a run: what made the answer, and how long each part took. */

const seconds = (value) => (value < 1 ? `${Math.round(value * 1000)} ms` : `${value.toFixed(1)} s`);
const has = (value) => value !== undefined && value !== null && value !== "";

function sameAgain(matches) {
  return matches ? "same text, byte for byte" : "a different text";
}

/* [label, value] of every line that has a value. */
function lines({ model, settings, usage, timings, replay_matches: matches }) {
  return [
    ["Model", model.name],
    ["Revision", model.revision],
    ["Number format", model.dtype],
    ["Device", model.device],
    ["Seed", settings.seed],
    ["Temperature", settings.temperature],
    ["Tokens in", usage.prompt_tokens],
    ["Tokens out", usage.completion_tokens],
    ["Wait in queue", has(timings.queue_s) && seconds(timings.queue_s)],
    ["First token after", has(timings.first_token_s) && seconds(timings.first_token_s)],
    ["Tokens per second", has(timings.tokens_per_second) && timings.tokens_per_second.toFixed(1)],
    ["Replay gave", typeof matches === "boolean" && sameAgain(matches)],
  ].filter(([, value]) => has(value) && value !== false);
}

export function receiptRows(run) {
  return lines(run).map(([label, value]) => {
    const row = document.createElement("div");
    const [term, detail] = [document.createElement("dt"), document.createElement("dd")];
    term.textContent = label;
    detail.textContent = String(value);
    row.append(term, detail);
    return row;
  });
}
