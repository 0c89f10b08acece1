"""Examines a model folder on questions it never saw: `python -m training.evaluate`."""

import argparse
import json
import math
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from tokenizers import Tokenizer
from transformers import AutoModelForCausalLM, AutoTokenizer

from training import corpus, tokenizer
from training.content import PROJECT, definitions
from training.model import learned_tokens, mean_loss
from training.phrasings import names
from training.train import held_out_batches

BUNDLE = PROJECT / "inference" / "bundled"
LONGEST_ANSWER = 320
REPEATED_WORDS = 8


@dataclass(frozen=True, slots=True)
class Answer:
    """What the model said, whether it ended by itself, and whether it repeated itself."""

    question: str
    text: str
    is_ended: bool
    is_looping: bool
    has_required: bool = True


@dataclass(frozen=True, slots=True)
class Report:
    """The figures of the model card."""

    parameters: int
    held_out_questions: int
    held_out_loss: float
    bits_per_byte: float
    examined: list[Answer]
    terms: list[Answer]
    runs: list[Answer]
    changed: list[Answer]

    def share(self, answers: list[Answer], name: str) -> float:
        """Which share of the answers has the property called `name`."""
        return sum(bool(getattr(answer, name)) for answer in answers) / max(1, len(answers))


class Examinee:
    """A model folder, loaded as the product loads it, that answers greedily."""

    def __init__(self, folder: Path) -> None:
        self.tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True)
        self.model = AutoModelForCausalLM.from_pretrained(
            folder, local_files_only=True, dtype=torch.float32
        ).eval()

    def answer(self, question: str, required: list[str] | None = None) -> Answer:
        """The most likely token at each step, until the end token or `LONGEST_ANSWER`."""
        ids = self.tokenizer.apply_chat_template(
            [{"role": "user", "content": question}],
            add_generation_prompt=True,
            return_tensors="pt",
            return_dict=True,
        )
        with torch.inference_mode():
            out = self.model.generate(**ids, do_sample=False, max_new_tokens=LONGEST_ANSWER)
        said = out[0, ids["input_ids"].shape[1] :]
        text = self.tokenizer.decode(said, skip_special_tokens=True)
        is_ended = int(said[-1]) == self.tokenizer.eos_token_id
        return Answer(question, text, is_ended, is_looping(text), has_all(text, required or []))


def is_looping(text: str) -> bool:
    """Whether any eight words occur twice in the same order."""
    words = text.split()
    grams = [tuple(words[i : i + REPEATED_WORDS]) for i in range(len(words) - REPEATED_WORDS + 1)]
    return len(set(grams)) < len(grams)


def has_all(text: str, required: list[str]) -> bool:
    """Whether every entry occurs in the text, in any case; `a|b` is satisfied by either."""
    folded = text.casefold()
    return all(any(w.casefold() in folded for w in entry.split("|")) for entry in required)


def examine(folder: Path) -> Report:
    """Loss on the questions kept back, then answers to every list of questions."""
    text, examinee = corpus.read(), Examinee(folder)
    encoder = tokenizer.Encoder(Tokenizer.from_file(str(folder / "tokenizer.json")))
    batches = held_out_batches(text, encoder)
    loss = mean_loss(examinee.model, batches) if batches else math.nan
    size = sum(len(answer.encode()) for e in text.held_out for _, answer in e.turns)
    bits = loss * learned_tokens(batches) / math.log(2) / max(1, size)
    return Report(
        parameters=examinee.model.num_parameters(),
        held_out_questions=len({e.turns[0][0] for e in text.held_out}),
        held_out_loss=loss,
        bits_per_byte=bits,
        examined=[examinee.answer(q["question"], q["required"]) for q in corpus.examination()],
        terms=[examinee.answer(f"What is {names(d)[0][1]}?") for d in definitions()],
        runs=list(_replayed(examinee, text)),
        changed=list(_refused(examinee, text)),
    )


def _replayed(examinee: Examinee, text: corpus.Corpus) -> Iterator[Answer]:
    """The guide's own prompts as they open; `has_required` means half of the words are there."""
    for example in (e for e in text.examples if e.kind == "run"):
        ((question, expected),) = example.turns
        given = examinee.answer(question)
        words = set(expected.split())
        near = len(words & set(given.text.split())) >= len(words) / 2
        yield Answer(question, given.text, given.is_ended, given.is_looping, near)


def _refused(examinee: Examinee, text: corpus.Corpus) -> Iterator[Answer]:
    """One prompt in six with other words in it: the answer should say that it would guess."""
    for example in [e for e in text.examples if e.kind == "changed"][::18]:
        yield examinee.answer(example.turns[0][0], ["guess"])


def table(report: Report) -> str:
    """The report as a person reads it."""
    share = report.share
    lines = [f"Q  {a.question}\nA  {a.text}\n" for a in report.terms]
    for a in report.examined:
        mark = "ok  " if a.has_required else "MISS"
        lines.append(f"{mark} {a.question}\n     {a.text}")
    everything = [*report.examined, *report.terms, *report.runs]
    lines += [
        "",
        f"parameters                    {report.parameters:,}",
        f"held-out loss                 {report.held_out_loss:.4f} nats per token"
        f" ({report.held_out_questions} questions)",
        f"held-out bits per byte        {report.bits_per_byte:.4f}",
        f"examination, required words   {share(report.examined, 'has_required'):.0%}",
        f"prompts answered as written   {share(report.runs, 'has_required'):.0%}",
        f"changed prompts declined      {share(report.changed, 'has_required'):.0%}",
        f"ended by themselves           {share(everything, 'is_ended'):.0%}",
        f"with a repeated 8-gram        {share(everything, 'is_looping'):.0%}",
    ]
    return "\n".join(lines)


def as_json(report: Report) -> dict[str, Any]:
    """The report with all answers, for a program."""
    return asdict(report)


def main() -> None:
    """Print the table, or the whole report as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, nargs="?", default=BUNDLE)
    parser.add_argument("--json", action="store_true", help="print everything as JSON")
    wanted = parser.parse_args()
    torch.set_num_threads(2)
    report = examine(wanted.folder)
    print(json.dumps(as_json(report), indent=2) if wanted.json else table(report))


if __name__ == "__main__":
    main()
