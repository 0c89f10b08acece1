"""A table of prompts as CSV that a spreadsheet opens rightly and in which no cell is a formula.

A cell that begins like a formula gets an apostrophe before it, as the spreadsheet itself would
write it; reading takes it away again. The byte order mark tells Excel that the text is UTF-8.
"""

import csv
import json
from collections.abc import Iterable
from io import StringIO

from guide.documents import Values

BOM = "\ufeff"
FORMULA = ("=", "+", "-", "@", "\t", "\r")
LISTS = ("technique", "tags")
MAPPINGS = ("variables", "check", "settings")
COLUMNS = (
    *("slug", "title", "description", "template", "variables", "example_answer"),
    *("tier", "technique", "audience", "language", "risk", "difficulty", "tags"),
    *("category", "subcategory", "check", "settings", "version", "url", "updated_at"),
)


def write_csv(rows: Iterable[Values]) -> str:
    """The prompts, each as guide.documents.prompt_values gives it, one a line."""
    out = StringIO()
    out.write(BOM)
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    for row in rows:
        writer.writerow([safe(_cell(name, row[name])) for name in COLUMNS])
    return out.getvalue()


def _cell(name: str, value: object) -> str:
    if name in LISTS and isinstance(value, list):
        return "; ".join(map(str, value))
    if name in MAPPINGS:
        return json.dumps(value, ensure_ascii=False) if value else ""
    return str(value)


def safe(cell: str) -> str:
    """The cell as text, whatever it begins with."""
    return f"'{cell}" if cell.startswith(FORMULA) or cell.startswith("'") else cell


def unsafe(cell: str) -> str:
    """What `safe` was given."""
    return cell[1:] if cell[:1] == "'" and cell[1:].startswith((*FORMULA, "'")) else cell
