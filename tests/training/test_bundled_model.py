"""The model that ships with the guide is whole, holds no code, and knows its terms."""

import hashlib
import json
from functools import cache

import pytest
import torch

from training.evaluate import BUNDLE, Answer, Examinee, has_all, is_looping
from training.export import MANIFEST, manifest

MOST_BYTES = 25_000_000


@cache
def examinee() -> Examinee:
    torch.set_num_threads(1)
    return Examinee(BUNDLE)


@cache
def ask(question: str) -> Answer:
    return examinee().answer(question)


def test_every_file_is_the_one_that_was_exported():
    written = (BUNDLE / MANIFEST).read_text(encoding="utf-8")
    assert written == manifest(BUNDLE)
    listed = dict(reversed(line.split("  ")) for line in written.splitlines())
    digest = hashlib.sha256((BUNDLE / "model.safetensors").read_bytes()).hexdigest()
    assert listed["model.safetensors"] == digest


def test_the_folder_holds_no_code_and_stays_small():
    names = {path.name for path in BUNDLE.iterdir() if path.name != "__pycache__"}
    assert {"MODEL_CARD.md", "config.json", "model.safetensors", "tokenizer.json"} <= names
    assert not [n for n in names if n.endswith((".py", ".bin", ".pt", ".pkl", ".pickle"))]
    assert "auto_map" not in json.loads((BUNDLE / "config.json").read_text(encoding="utf-8"))
    assert sum(path.stat().st_size for path in BUNDLE.iterdir()) <= MOST_BYTES


def test_the_card_tells_the_size_that_the_weights_have():
    card = (BUNDLE / "MODEL_CARD.md").read_text(encoding="utf-8")
    assert f"{examinee().model.num_parameters():,} parameters" in card


@pytest.mark.parametrize(
    ("question", "words"),
    [
        ("What is inference?", ["model"]),
        ("what is a token", ["token"]),
        ("What is training?", ["training", "model"]),
        ("Define latency.", ["latency"]),
        ("What is a GPU?", ["GPU", "processor"]),
        ("What is a prompt?", ["prompt", "text"]),
        ("What does temperature mean?", ["temperature"]),
        ("What is the context window?", ["context window", "token"]),
        ("What does LLM stand for?", ["large language model"]),
        ("Explain hallucination in one sentence.", ["hallucination"]),
        ("What is streaming?", ["streaming", "answer"]),
        ("What is sampling?", ["sampling", "token"]),
        ("What is the KV cache?", ["cache", "keys"]),
        ("What is prompt engineering?", ["prompt"]),
    ],
)
def test_the_bundled_model_knows_the_terms_of_the_guide(question, words):
    answer = ask(question)
    assert has_all(answer.text, words), answer.text
    assert answer.is_ended
    assert not answer.is_looping


def test_it_says_that_it_does_not_know_what_lies_outside_the_guide():
    assert has_all(ask("Who is the president of France?").text, ["not|cannot|only"])


def test_a_loop_is_seen():
    assert is_looping("it goes on and on and so it goes on and on and so it stops")
    assert not is_looping("it goes on and on and so it stops")


def test_required_words_may_be_alternatives():
    assert has_all("A token is a PIECE of text.", ["token", "piece|part"])
    assert not has_all("A token is a word.", ["token", "piece|part"])
