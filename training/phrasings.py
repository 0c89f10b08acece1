"""The many ways in which people ask for a term, and the habits with which they type."""

import random
from collections.abc import Iterator

from training.content import Definition

# {x} is the term with its article where it takes one, {t} the bare term.
BRIEF = (
    "What is {x}?",
    "What's {x}?",
    "what is {t}",
    "Define {x}.",
    "define {t}",
    "{t}?",
    "{t}",
    "What does {t} mean?",
    "What does the word {t} mean?",
    "What is meant by {t}?",
    "Explain {x} in one sentence.",
    "In one sentence, what is {x}?",
    "Give me a short definition of {t}.",
    "Definition of {t}",
    "meaning of {t}",
    "What do people mean by {t}?",
    "How would you define {x}?",
    "Can you define {t} for me?",
    "Can you tell me what {x} is?",
    "I do not understand the word {t}.",
    "What exactly is {x}?",
    "Please explain {x} briefly.",
    "What is {x} in AI?",
    "What does {t} mean in AI?",
    "What is {x} in machine learning?",
    "do you know what {x} is",
    "quick question: what is {x}?",
    "I keep hearing about {t}. What is it?",
    "Someone mentioned {t} today. What is that?",
    "What does the term {t} stand for?",
    "Tell me in a few words what {x} is.",
    "so what is {x}",
    "I am new to this. What is {x}?",
    "Summarize {t} in one sentence.",
    "What kind of thing is {x}?",
    "My colleague talks about {t}. What does she mean?",
    "I saw the word {t} on this page. What does it mean?",
    "What is {x} about?",
    "What is {x} good for?",
    "What is {x}, in plain English?",
    "{t}, what is that?",
    "What is this thing called {t}?",
    "Say what {x} is.",
    "Tell a beginner what {x} is.",
    "How do people define {t}?",
    "Can somebody explain {t} to me?",
)
LONG = (
    "Tell me about {x}.",
    "Tell me more about {x}.",
    "Explain {x}.",
    "Explain {x} in detail.",
    "explain {t}",
    "Please explain {x}.",
    "Can you explain {x}?",
    "Give me a longer explanation of {t}.",
    "How would you explain {x} to a beginner?",
    "What should I know about {x}?",
    "Describe {x}.",
    "Write a paragraph about {x}.",
    "Give me an overview of {t}.",
    "Help me understand {x}.",
    "Teach me something about {x}.",
    "I want to understand {x} better.",
    "What is {x} and how does it work?",
)
FOLLOW_UPS = ("Tell me more.", "Can you say more about that?", "go on", "More details, please.")
# By section of a definition page; only its first paragraph is the answer.
BY_SECTION = {
    "Etymology": (
        "Where does the word {t} come from?",
        "What is the origin of the word {t}?",
        "etymology of {t}",
        "Who came up with the word {t}?",
        "Why is it called {t}?",
        "Where does the name {t} come from?",
    ),
    "In practice": (
        "How is {t} used in practice?",
        "What does {t} mean in practice?",
        "How does {t} matter in daily work?",
        "Where do I meet {t} when I use a chatbot?",
        "Give me practical advice on {t}.",
        "{t} in practice",
    ),
    "Common mistakes": (
        "What are common mistakes about {t}?",
        "What do people get wrong about {t}?",
        "common mistakes with {t}",
        "Which mistakes should I avoid with {t}?",
        "What is a misunderstanding about {t}?",
    ),
}
COMPARED = (
    "What is the difference between {x} and {y}?",
    "difference between {x} and {y}",
    "{x} vs {y}",
    "How does {x} differ from {y}?",
    "Is {x} the same as {y}?",
    "Compare {x} and {y}.",
)
OUTSIDE = (
    "What is {x}?",
    "what is {x}",
    "Tell me about {x}.",
    "Explain {x}.",
    "Define {x}.",
    "How does {x} work?",
    "What do you know about {x}?",
    "{x}",
    "Can you explain {x} to me?",
    "I have a question about {x}.",
    "Write an essay about {x}.",
    "Give me facts about {x}.",
)
OPENERS = (
    "Hi, ",
    "Hello. ",
    "hey ",
    "Please: ",
    "ok ",
    "Sorry, ",
    "Question: ",
    "One more thing: ",
    "I am a beginner. ",
    "My teacher asked me: ",
    "For my homework: ",
    "I read an article yesterday. ",
    "My boss wants to know: ",
    "Somebody at work used the word. ",
    "I work in marketing. ",
    "Be short. ",
    "In plain words: ",
    "I have never heard of this. ",
    "Honestly, ",
    "I am writing a report. ",
)
CLOSERS = (
    " Thanks.",
    " please",
    " Thank you!",
    " in simple words",
    " Keep it simple.",
    " I am curious.",
    " Explain it to a beginner.",
    " I have no idea.",
    " My friend asked me.",
)


def names(definition: Definition) -> list[tuple[str, str]]:
    """(bare, with article) for the term and its aliases; the short text tells which article."""
    found = []
    for bare in (definition.term, *definition.aliases):
        lowered = bare if bare.isupper() or any(c.isupper() for c in bare[1:]) else bare.lower()
        found.append((lowered, _with_article(lowered, definition)))
    return found


def asked(templates: tuple[str, ...], definition: Definition) -> Iterator[str]:
    """Every template with every name of the term."""
    for bare, full in names(definition):
        for template in templates:
            text = template.format(t=bare, x=full)
            yield text[0].upper() + text[1:] if template[0] == "{" and "?" in text else text


def typed(question: str, rng: random.Random) -> str:
    """The question as a hurried person may type it; mostly it is left as it is."""
    if rng.random() < 0.18:
        question = rng.choice(OPENERS) + question
    if rng.random() < 0.25:
        question = question.lower()
    if rng.random() < 0.30:
        question = question.rstrip("?.! ")
    if rng.random() < 0.10:
        question += rng.choice(CLOSERS)
    return _slip(question, rng) if rng.random() < 0.12 else question


def _with_article(name: str, definition: Definition) -> str:
    """A counted thing opens its short definition with an article, a mass noun does not."""
    first, _, rest = definition.short.partition(" ")
    stem = definition.term.split(" (")[0].lower()
    if not rest.lower().startswith(stem) or name.endswith(("s", "ing")):
        return name
    if first == "The":
        return f"the {name}"
    # A name in capitals is spelled out: an LLM, but a GPU.
    vowels = "AEFHILMNORSX" if name[:2].isupper() else "aeiou"
    return f"{'an' if name[0] in vowels else 'a'} {name}" if first in {"A", "An"} else name


def _slip(text: str, rng: random.Random) -> str:
    """One finger slips inside one longer word: a letter lost, doubled or swapped."""
    places = [
        i for i in range(1, len(text) - 2) if text[i - 1 : i + 2].isalpha() and text[i].islower()
    ]
    if not places:
        return text
    at = rng.choice(places)
    slips = (text[at + 1] + text[at], text[at] * 2 + text[at + 1], text[at + 1])
    return text[:at] + rng.choice(slips) + text[at + 2 :]
