"""The rules that content keeps; the loader and the admin ask the same ones."""

from guide.content.rules.contrast import (
    contrast_problems,
    own_contrast_problems,
    side_problems,
)
from guide.content.rules.definition import (
    definition_problems,
    example_problems,
    examples_problems,
    faq_problems,
    own_problems,
    sources_problems,
)
from guide.content.rules.prompt import prompt_problems
from guide.content.rules.variable import variables_problems

__all__ = [
    "contrast_problems",
    "definition_problems",
    "example_problems",
    "examples_problems",
    "faq_problems",
    "own_contrast_problems",
    "own_problems",
    "prompt_problems",
    "side_problems",
    "sources_problems",
    "variables_problems",
]
