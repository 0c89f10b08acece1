"""What the guide keeps: terms with their examples, prompts with their variables, and shelves."""

from guide.models.base import Status
from guide.models.category import Category
from guide.models.contrast import Contrast
from guide.models.definition import Definition
from guide.models.example import Example
from guide.models.faq import FAQ
from guide.models.group import Group
from guide.models.prompt import Prompt
from guide.models.related import RelatedPrompt
from guide.models.report import Report
from guide.models.search_document import SearchDocument
from guide.models.source import Source
from guide.models.stamp import ContentStamp
from guide.models.tag import Tag
from guide.models.upload import Upload
from guide.models.variable import Variable
from guide.models.version import PromptVersion

__all__ = [
    "FAQ",
    "Category",
    "ContentStamp",
    "Contrast",
    "Definition",
    "Example",
    "Group",
    "Prompt",
    "PromptVersion",
    "RelatedPrompt",
    "Report",
    "SearchDocument",
    "Source",
    "Status",
    "Tag",
    "Upload",
    "Variable",
]
