"""Examines a model folder on questions it never saw: `python -m training.evaluate`."""

import argparse
import json
import math
from dataclasses import asdict, dataclass, replace
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
BATCH = 24
CHANGED_STEP = 5
DECLINED = "!do not know|cannot answer|outside this guide"


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
        """One question, answered by itself."""
        return self.answers([(question, required or [])])[0]

    def answers(self, questions: list[tuple[str, list[str]]]) -> list[Answer]:
        """The most likely token at each step, until the end token or `LONGEST_ANSWER`.

        Questions are answered in batches of similar length and come back in their order.
        """
        order = sorted(range(len(questions)), key=lambda i: len(questions[i][0]))
        found: dict[int, Answer] = {}
        for start in range(0, len(order), BATCH):
            chosen = order[start : start + BATCH]
            said = self._generate([questions[i][0] for i in chosen])
            for i, ids in zip(chosen, said, strict=True):
                found[i] = self._judged(*questions[i], ids)
        return [found[i] for i in range(len(questions))]

    def _generate(self, questions: list[str]) -> list[list[int]]:
        ids = self.tokenizer.apply_chat_template(
            [[{"role": "user", "content": question}] for question in questions],
            add_generation_prompt=True,
            padding=True,
            return_tensors="pt",
            return_dict=True,
        )
        with torch.inference_mode():
            out = self.model.generate(**ids, do_sample=False, max_new_tokens=LONGEST_ANSWER)
        said: list[list[int]] = out[:, ids["input_ids"].shape[1] :].tolist()
        return said

    def _judged(self, question: str, required: list[str], ids: list[int]) -> Answer:
        text = self.tokenizer.decode(ids, skip_special_tokens=True)
        is_ended = self.tokenizer.eos_token_id in ids
        return Answer(question, text, is_ended, is_looping(text), has_all(text, required))


def is_looping(text: str) -> bool:
    """Whether any eight words occur twice in the same order."""
    words = text.split()
    grams = [tuple(words[i : i + REPEATED_WORDS]) for i in range(len(words) - REPEATED_WORDS + 1)]
    return len(set(grams)) < len(grams)


def has_all(text: str, required: list[str]) -> bool:
    """Whether every entry occurs in the text, in any case.

    `a|b` is satisfied by either word; `!a|b` forbids both.
    """
    folded = text.casefold()

    def occurs(entry: str) -> bool:
        return any(word in folded for word in entry.removeprefix("!").casefold().split("|"))

    return all(occurs(entry) != entry.startswith("!") for entry in required)


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
        examined=examinee.answers(_written()),
        terms=examinee.answers([(f"What is {names(d)[0][1]}?", []) for d in definitions()]),
        runs=_replayed(examinee, text),
        changed=_refused(examinee),
    )


def _written() -> list[tuple[str, list[str]]]:
    """The written examination; declining to answer passes only outside the guide's terms."""
    return [
        (item["question"], item["required"] + [DECLINED] * (item["topic"] != "outside"))
        for item in corpus.examination()
    ]


def _replayed(examinee: Examinee, text: corpus.Corpus) -> list[Answer]:
    """The guide's own prompts as they open; `has_required` means half of the words are there."""
    expected = {e.turns[0][0]: set(e.turns[0][1].split()) for e in text.examples if e.kind == "run"}
    return [
        replace(given, has_required=len(words & set(given.text.split())) >= len(words) / 2)
        for given in examinee.answers([(question, []) for question in expected])
        for words in [expected[given.question]]
    ]


def _refused(examinee: Examinee) -> list[Answer]:
    """Some prompts with words in them that it never saw there: it should say that it guesses."""
    return examinee.answers([(q, ["guess"]) for q in corpus.changed_unseen()[::CHANGED_STEP]])


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
