"""Writes the model card: what the bundled model is, what it was made of, and what it cannot do."""

from typing import Any

from training import corpus
from training.evaluate import Answer, Report

TEMPLATE = """# Prompt Guide, embedded model

A language model of {parameters:,} parameters that learned to read and write from this guide and
nothing else. It is here so that every example can be run on any machine, without an account, a
key or a download, and so that you can watch inference happen: tokens, probabilities, temperature,
speed. It is not an oracle. For answers that you want to rely on, name a bigger model in
`models.toml`.

## What it is

| | |
|---|---|
| architecture | Llama: RMSNorm, rotary positions, SwiGLU, grouped queries, tied embeddings |
| shape | hidden {hidden}, {layers} layers, {heads} heads ({kv_heads} for keys and values), \
feed-forward {feed_forward} |
| vocabulary | {vocabulary:,} byte-level BPE tokens, learned from the same text |
| context | 1,024 positions |
| weights | bfloat16, safetensors, no code |
| language | English |
| licence | that of the project |

## What it was made of

Only text of this project: the definitions and prompts in `content/`, and the conversations in
`training/data/`. {documents} documents and {examples:,} answered questions; {words:,} words when
every text and every answer is counted once. No text was downloaded for it.

## How it was trained

{steps:,} steps of {rows} examples, {tokens:,} tokens (padding counted), Muon and AdamW with a peak
rate of {peak_rate} (warm-up, level, then a line down over the last 30 % of the steps) and weight
decay {weight_decay}, bfloat16 autocast, seed {seed}, {threads} CPU threads, {minutes:.0f} minutes.
{history}`training/README.md` says how to repeat it.

## What was measured

Greedy decoding of the weights in this folder, by `python -m training.evaluate`.

| | |
|---|---|
| loss on {held_out_questions} question phrasings kept back | {loss:.3f} nats per token, \
{bits:.3f} bits per byte |
| written examination ({examined} unseen questions): required words present | {passed:.0%} |
| prompts of the guide, which it was trained on, answered much as written ({runs}) \
| {replayed:.0%} |
| library prompts with unseen words in them: says that it would guess ({changed}) \
| {declined:.0%} |
| answers that end by themselves | {ended:.0%} |
| answers with a repeated 8-gram | {looping:.0%} |

The questions kept back are new phrasings of known questions, so these figures say how well the
model recognises a question. They do not say that it can reason: it cannot.

## Limits

- It knows the terms of this guide. Asked about anything else it should say so, and sometimes
  invents an answer all the same.
- It learned the guide's prompts with the words that stand in them, and the prompts on the
  definition pages with a few other fillings. With words that it has not seen it should say that
  it would guess; often it answers as if nothing had been changed.
- It can blend two learned answers into one wrong sentence, above all at a high temperature.
- It does not calculate, translate, see pictures, browse or learn from the conversation.
- It follows a system message hardly at all.

## The terms, in its own words

{terms}
"""

RESUMED = """The training stopped once and went on from its checkpoint of step {resumed_at:,};
pages that were revised in between have been read in both wordings.
"""


def text(report: Report, run: dict[str, Any]) -> str:
    """The card of one training; every figure in it was measured or comes from the run."""
    everything = [*report.examined, *report.terms, *report.runs]
    return TEMPLATE.format(
        **{key: value for key, value in run.items() if key != "shape"},
        **run["shape"],
        **_sizes(),
        history=RESUMED.format(**run) if run.get("resumed_at") else "",
        parameters=report.parameters,
        minutes=run["seconds"] / 60,
        held_out_questions=report.held_out_questions,
        loss=report.held_out_loss,
        bits=report.bits_per_byte,
        examined=len(report.examined),
        passed=report.share(report.examined, "has_required"),
        runs=len(report.runs),
        replayed=report.share(report.runs, "has_required"),
        changed=len(report.changed),
        declined=report.share(report.changed, "has_required"),
        ended=report.share(everything, "is_ended"),
        looping=report.share(everything, "is_looping"),
        terms="\n\n".join(map(_quoted, report.terms)),
    )


def _sizes() -> dict[str, int]:
    """How much text there is; an answer counts once however often it is asked for."""
    data = corpus.read()
    said = {answer for example in data.examples for _, answer in example.turns}
    words = sum(len(part.split()) for part in {*data.documents, *said})
    return {"documents": len(data.documents), "examples": len(data.examples), "words": words}


def _quoted(answer: Answer) -> str:
    return f"**{answer.question}**\n\n> {answer.text}"
