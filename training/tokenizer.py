"""A byte-level BPE vocabulary learned from the guide, and the chat format the model is taught."""

import json
from collections.abc import Iterable
from pathlib import Path

from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

VOCABULARY_SIZE = 4096
CONTEXT_LENGTH = 1024
PAD, BOS, END = "<|pad|>", "<|bos|>", "<|end|>"
SYSTEM, USER, ASSISTANT = "<|system|>", "<|user|>", "<|assistant|>"
SPECIAL_TOKENS = (PAD, BOS, END, SYSTEM, USER, ASSISTANT)
CHAT_TEMPLATE = (
    "{{ bos_token }}"
    "{% for message in messages %}"
    "{% if message.role not in ['system', 'user', 'assistant'] %}"
    "{{ raise_exception('A role must be system, user or assistant.') }}"
    "{% endif %}"
    "{{ '<|' + message.role + '|>' + message.content | trim + '<|end|>' }}"
    "{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|assistant|>' }}{% endif %}"
)


def learn(texts: Iterable[str], size: int = VOCABULARY_SIZE) -> Tokenizer:
    """Byte-pair encoding (Sennrich et al., 2016) over bytes, so that any text has an encoding.

    Digits stand alone: a number that was never seen is still made of known pieces.
    """
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Digits(individual_digits=True),
            pre_tokenizers.ByteLevel(add_prefix_space=False),
        ]
    )
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=size,
        min_frequency=2,
        special_tokens=list(SPECIAL_TOKENS),
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(texts, trainer)
    return tokenizer


def save(tokenizer: Tokenizer, folder: Path) -> None:
    """Write the three files that `AutoTokenizer.from_pretrained(folder)` reads."""
    folder.mkdir(parents=True, exist_ok=True)
    tokenizer.save(str(folder / "tokenizer.json"))
    (folder / "chat_template.jinja").write_text(CHAT_TEMPLATE, encoding="utf-8")
    settings = {
        "tokenizer_class": "PreTrainedTokenizerFast",
        "model_max_length": CONTEXT_LENGTH,
        "bos_token": BOS,
        "eos_token": END,
        "pad_token": PAD,
        "additional_special_tokens": [SYSTEM, USER, ASSISTANT],
        "clean_up_tokenization_spaces": False,
        "padding_side": "left",
    }
    text = json.dumps(settings, indent=2) + "\n"
    (folder / "tokenizer_config.json").write_text(text, encoding="utf-8")


class Encoder:
    """Texts and chats as token ids, with the mask that says which of them are learned."""

    def __init__(self, tokenizer: Tokenizer) -> None:
        self._tokenizer = tokenizer
        self._pieces: dict[str, list[int]] = {}
        vocabulary = tokenizer.get_vocab()
        self.special = {token: vocabulary[token] for token in SPECIAL_TOKENS}

    def document(self, text: str) -> tuple[list[int], list[bool]]:
        """Every token after the first is learned."""
        ids = [self.special[BOS], *self._ids(text), self.special[END]]
        return ids, [False] + [True] * (len(ids) - 1)

    def chat(
        self, turns: Iterable[tuple[str, str]], system: str | None = None
    ) -> tuple[list[int], list[bool]]:
        """The same ids as the chat template gives; only answers and their end are learned."""
        ids, learned = [self.special[BOS]], [False]
        roles = [(SYSTEM, system)] if system else []
        for question, answer in turns:
            roles += [(USER, question), (ASSISTANT, answer)]
        for role, text in roles:
            piece = [*self._ids(text.strip()), self.special[END]]
            ids += [self.special[role], *piece]
            learned += [False] + [role == ASSISTANT] * len(piece)
        return ids, learned

    def _ids(self, text: str) -> list[int]:
        """Answers recur thousands of times: each is split into tokens once."""
        if text not in self._pieces:
            self._pieces[text] = self._tokenizer.encode(text, add_special_tokens=False).ids
        return self._pieces[text]
