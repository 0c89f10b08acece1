"""The vocabulary of the bundled model can spell anything, and the chat format is one."""

import json
from functools import cache

from hypothesis import given
from hypothesis import strategies as st
from transformers import AutoTokenizer, PreTrainedTokenizerBase

from training import tokenizer
from training.evaluate import BUNDLE

TURNS = [("What is a token?", "A piece of text."), (" Thank you! ", "You are welcome.")]


@cache
def bundled() -> PreTrainedTokenizerBase:
    return AutoTokenizer.from_pretrained(BUNDLE, local_files_only=True)


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"])))
def test_any_text_survives_the_tokenizer(text):
    ids = bundled().encode(text, add_special_tokens=False)
    assert bundled().decode(ids, skip_special_tokens=False) == text


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=40))
def test_a_vocabulary_learned_from_one_sentence_spells_any_text(text):
    small = tokenizer.learn(["a token is a piece of text"] * 3, size=300)
    assert small.decode(small.encode(text).ids, skip_special_tokens=False) == text


def test_the_chat_template_gives_the_ids_that_were_trained():
    encoder = tokenizer.Encoder(bundled().backend_tokenizer)
    messages = [{"role": "system", "content": "Be brief."}]
    for question, answer in TURNS:
        messages.append({"role": "user", "content": question})
        messages.append({"role": "assistant", "content": answer})
    given_ids = bundled().apply_chat_template(messages, return_dict=False)
    assert given_ids == encoder.chat(TURNS, "Be brief.")[0]


def test_only_answers_and_their_end_are_learned():
    encoder = tokenizer.Encoder(bundled().backend_tokenizer)
    ids, learned = encoder.chat(TURNS, "Be brief.")
    kept = [i for i, is_learned in zip(ids, learned, strict=True) if is_learned]
    said = "A piece of text.<|end|>You are welcome.<|end|>"
    assert bundled().decode(kept, skip_special_tokens=False) == said


def test_every_token_of_a_document_but_the_first_is_learned():
    ids, learned = tokenizer.Encoder(bundled().backend_tokenizer).document("A token.")
    assert learned == [False] + [True] * (len(ids) - 1)
    assert ids[-1] == bundled().eos_token_id


def test_digits_stand_alone():
    pieces = bundled().tokenize("2026")
    assert pieces == ["2", "0", "2", "6"]


def test_a_chat_ends_where_generation_stops():
    config = json.loads((BUNDLE / "generation_config.json").read_text(encoding="utf-8"))
    assert config["eos_token_id"] == bundled().eos_token_id
    assert bundled().eos_token == tokenizer.END
    assert bundled().pad_token_id != bundled().eos_token_id
