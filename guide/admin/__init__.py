"""Where curators write: the same rules as the files keep, said at the field that breaks them."""

from guide.admin import definitions, prompts, reports, shelves

__all__ = ["definitions", "prompts", "reports", "shelves"]
