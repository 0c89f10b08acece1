"""The sitemap of the guide: one list per kind of page."""

from django.urls import path, register_converter

from guide.views import (
    api_page,
    cards,
    contrasts,
    definitions,
    embeds,
    exports,
    feeds,
    home,
    maps,
    preview,
    prompt_exports,
    prompt_feeds,
    prompt_parts,
    prompts,
    saved,
    search,
    shelves,
    sitemap,
)
from guide.views import glossary as glossary_views


class ContrastSlug:
    """top-k-vs-top-p: no term is called like that."""

    regex = "[-a-zA-Z0-9_]+[-_][vV][sS][-_][-a-zA-Z0-9_]+"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(ContrastSlug, "contrast")

glossary = [
    path("glossary/", glossary_views.glossary, name="glossary"),
    path("glossary/random/", glossary_views.random_term, name="random-term"),
    path("glossary/group/<slug:slug>/", glossary_views.group, name="group"),
    path("glossary.json", exports.glossary_json, name="glossary-json"),
    path("glossary.jsonld", exports.glossary_jsonld, name="glossary-jsonld"),
    path("glossary/map/", maps.glossary_map, name="glossary-map"),
    path("glossary/<contrast:slug>/", contrasts.contrast, name="contrast"),
    path("glossary/<contrast:slug>.md", exports.contrast_md, name="contrast-md"),
    path("glossary/<contrast:slug>.json", exports.contrast_json, name="contrast-json"),
    path("glossary/<slug:slug>/", definitions.definition, name="definition"),
    path("glossary/<slug:slug>.md", exports.definition_md, name="definition-md"),
    path("glossary/<slug:slug>.json", exports.definition_json, name="definition-json"),
    path("glossary/<slug:slug>.jsonld", exports.definition_jsonld, name="definition-jsonld"),
]
library = [
    path("prompts/", prompts.prompts, name="prompts"),
    path("prompts/random/", shelves.random_prompt, name="random-prompt"),
    path("prompts/newest.atom", prompt_feeds.newest_feed, name="newest-feed"),
    path("prompts/most-run.atom", prompt_feeds.most_run_feed, name="most-run-feed"),
    path("prompts/category/<slug:slug>/", shelves.category, name="category"),
    path("prompts/category/<slug:slug>.md", prompt_exports.category_md, name="category-md"),
    path("prompts/category/<slug:parent>/<slug:slug>/", shelves.subcategory, name="subcategory"),
    path("prompts/tag/<slug:slug>/", shelves.tag, name="tag"),
    path("prompts/technique/<slug:slug>/", shelves.technique, name="technique"),
    path("prompts.json", prompt_exports.prompts_json, name="prompts-json"),
    path("prompts.csv", prompt_exports.prompts_csv, name="prompts-csv"),
    path("prompts.md", prompt_exports.prompts_md, name="prompts-md"),
    path("prompts/<slug:slug>/", prompts.prompt, name="prompt"),
    path("prompts/<slug:slug>/versions/", prompt_parts.versions, name="versions"),
    path("prompts/<slug:slug>/report/", prompt_parts.report_problem, name="report"),
    path("embed/prompts/<slug:slug>/", embeds.embed, name="embed"),
    path("oembed", embeds.oembed, name="oembed"),
    path("prompts/<slug:slug>.md", exports.prompt_md, name="prompt-md"),
    path("prompts/<slug:slug>.json", exports.prompt_json, name="prompt-json"),
]
finding = [
    path("search/", search.search_page, name="search"),
    path("search.json", search.search_json, name="search-json"),
]
conventions = [
    path("feed.atom", feeds.feed, name="feed"),
    path("sitemap.xml", sitemap.sitemap, name="sitemap"),
    path("sitemap-<slug:section>-<int:number>.xml", sitemap.sitemap_part, name="sitemap-part"),
    path("opensearch.xml", feeds.opensearch, name="opensearch"),
    path("robots.txt", feeds.robots, name="robots"),
    path("llms.txt", feeds.llms, name="llms"),
    path("llms-full.txt", exports.llms_full, name="llms-full"),
    path("og/<slug:slug>.png", cards.og_image, name="og-image"),
]
previews = [
    path("preview/definition/<slug:slug>/", preview.preview_definition, name="preview-definition"),
    path("preview/contrast/<slug:slug>/", preview.preview_contrast, name="preview-contrast"),
    path("preview/prompt/<slug:slug>/", preview.preview_prompt, name="preview-prompt"),
]

urlpatterns = [
    path("", home.home, name="home"),
    path("about/", home.about, name="about"),
    path("saved/", saved.saved, name="saved"),
    path("api/", api_page.api_page, name="api"),
    *glossary,
    *library,
    *finding,
    *conventions,
    *previews,
]
