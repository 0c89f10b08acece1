"""What a prompt says to machines."""

from django.urls import reverse
from django.utils.safestring import SafeString

from guide.context import absolute
from guide.models import Prompt
from guide.structured_data.graph import breadcrumbs, graph, term_ref


def prompt(row: Prompt) -> SafeString:
    url = absolute(row.get_absolute_url())
    library = absolute(reverse("prompts"))
    shelf = (row.category.name, absolute(row.category.get_absolute_url()))
    work = {
        "@type": ["CreativeWork", "LearningResource"],
        "@id": f"{url}#prompt",
        "name": row.title,
        "description": row.description,
        "text": row.template,
        "inLanguage": row.language,
        "educationalLevel": row.get_difficulty_display(),
        "keywords": [tag.name for tag in row.tags.all()],
        "version": str(row.version),
        "dateModified": row.updated_at.isoformat(),
        "isAccessibleForFree": True,
        "teaches": [term_ref(term.get_absolute_url()) for term in row.techniques.published()],
    }
    return graph(work, breadcrumbs(url, [("Prompts", library), shelf, (row.title, url)]))
