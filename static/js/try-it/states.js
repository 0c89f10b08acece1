/* The words for each state of a run: the line above the answer, and what a screen reader hears. */

const ENDINGS = {
  stop: "Finished",
  stop_string: "Finished at your stop text",
  length: "Finished at the token limit",
};

const roughly = (seconds) =>
  (seconds < 55 ? `${Math.max(5, Math.ceil(seconds / 5) * 5)} seconds` : `${Math.ceil(seconds / 60)} min`);

function finished({ reason, matches }) {
  if (matches === true) return { text: "Finished: the same text again", spoken: "Finished. It is the same text again." };
  if (matches === false) return { text: "Finished: a different text", spoken: "Finished. It is a different text." };
  return { text: ENDINGS[reason] ?? "Finished", spoken: "Finished. The answer is complete." };
}

export function sentenceFor(state, detail) {
  switch (state) {
    case "sending": return { text: "Sending" };
    case "queued": return { text: `Number ${detail.position} in the queue, about ${roughly(detail.estimate)}` };
    case "reading": return { text: "Reading the prompt", spoken: "Started. The model is reading the prompt." };
    case "speaking": return { text: "Writing" };
    case "stopping": return { text: "Stopping" };
    case "reconnecting": return { text: "Connection lost, reconnecting. Nothing is lost." };
    case "finished": return finished(detail);
    case "stopped": return { text: "Stopped", spoken: "Stopped." };
    case "failed": return { text: "This run failed", spoken: `The run failed. ${detail.message ?? ""}` };
    default: return {};
  }
}
