"""What a page says to machines: schema.org as JSON-LD, one graph per page with stable addresses."""

from guide.structured_data.glossary import glossary, group
from guide.structured_data.graph import to_json
from guide.structured_data.listing import listing
from guide.structured_data.prompts import prompt
from guide.structured_data.site import site
from guide.structured_data.terms import contrast, definition

__all__ = ["contrast", "definition", "glossary", "group", "listing", "prompt", "site", "to_json"]
