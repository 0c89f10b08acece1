"""What the rows promise by themselves: versions, statuses, safe HTML, one owner per variable."""

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.safestring import SafeString

from guide.models import ContentStamp, Definition, Example, Prompt, Status, Variable
from tests import factories

pytestmark = pytest.mark.django_db


def test_only_published_rows_are_on_the_site() -> None:
    shown = factories.make_definition()
    factories.make_definition(status=Status.DRAFT)
    factories.make_definition(status=Status.REVIEW)
    assert list(Definition.objects.published()) == [shown]


def test_links_show_published_terms_only_whether_fetched_before_or_not() -> None:
    term = factories.make_definition()
    shown, draft = factories.make_definition(), factories.make_definition(status=Status.DRAFT)
    term.related.set([shown, draft])
    assert list(term.related.published()) == [shown]
    fetched = Definition.objects.with_parts().get(pk=term.pk)
    assert list(fetched.related.published()) == [shown]


def test_links_fetched_with_the_page_are_not_fetched_again(
    django_assert_num_queries: "object",
) -> None:
    term = factories.make_definition()
    term.related.set([factories.make_definition()])
    fetched = Definition.objects.with_parts().get(pk=term.pk)
    with django_assert_num_queries(0):  # type: ignore[operator]
        assert len(fetched.related.published()) == 1


def test_the_first_publication_is_dated_once() -> None:
    term = factories.make_definition(status=Status.DRAFT)
    assert term.published_at is None
    term.status = Status.PUBLISHED
    term.save()
    first = term.published_at
    term.save()
    assert first is not None
    assert term.published_at == first


def test_a_changed_template_is_a_new_version_and_the_old_one_is_kept() -> None:
    prompt = factories.make_prompt(template="First [topic].")
    prompt.title = "Another title"
    prompt.save()
    assert prompt.version == 1
    prompt.template = "Second [topic]."
    prompt.save()
    kept = [(version.number, version.template) for version in prompt.versions.all()]
    assert kept == [(2, "Second [topic]."), (1, "First [topic].")]


def test_html_is_rendered_when_saved_and_safe_when_read() -> None:
    slug = factories.make_definition(full="*a* <script>alert(1)</script>").slug
    html = Definition.objects.get(slug=slug).full_html
    assert isinstance(html, SafeString)
    assert "<em>a</em>" in html
    assert "<script" not in html


def test_a_prompt_shows_its_variables_marked_and_the_rest_escaped() -> None:
    prompt = factories.make_prompt(template="<b> [topic]", variables=[])
    assert prompt.template_html == '&lt;b&gt; <mark class="variable">[topic]</mark>'


def test_an_example_has_a_reference_and_says_whether_it_runs() -> None:
    example = factories.make_example(factories.make_definition("inference"))
    assert (example.ref, example.is_runnable) == ("inference/1", True)
    assert not factories.make_example(example.definition, needs="vision").is_runnable


def test_a_copy_only_prompt_does_not_run() -> None:
    assert not factories.make_prompt(tier="C").is_runnable
    assert factories.make_prompt(tier="M").is_runnable


@pytest.mark.parametrize("owners", ["none", "both"])
def test_a_variable_belongs_to_one_thing(owners: str) -> None:
    example, prompt = factories.make_example(), factories.make_prompt()
    both = {"of_example": example, "of_prompt": prompt} if owners == "both" else {}
    with pytest.raises(IntegrityError), transaction.atomic():
        factories.make_variable(name="other", **both)
    with pytest.raises(ValidationError, match="one example or to one prompt"):
        Variable(name="other", label="Other", **both).validate_constraints()


def test_a_variable_has_a_field_name_and_an_id_of_its_own() -> None:
    one = factories.make_example(prompt="[First name] [First name]")
    two = factories.make_example(prompt="[First name]")
    first, second = one.variables.get(), two.variables.get()
    assert first.field_name == "v.First name"
    assert first.element_id != second.element_id
    assert first.element_id.replace("-", "").isalnum()


def test_every_change_renews_the_stamp() -> None:
    stamps = [ContentStamp.current()]
    term = factories.make_definition()
    stamps.append(ContentStamp.current())
    example = factories.make_example(term)
    stamps.append(ContentStamp.current())
    term.related.set([factories.make_definition()])
    stamps.append(ContentStamp.current())
    example.delete()
    stamps.append(ContentStamp.current())
    factories.make_prompt().delete()
    stamps.append(ContentStamp.current())
    assert len(set(stamps)) == len(stamps)


def test_edits_leave_a_history() -> None:
    term = factories.make_definition(short="First.")
    term.short = "Second."
    term.save()
    assert [entry.short for entry in term.history.all()] == ["Second.", "First."]
    prompt = factories.make_prompt()
    assert prompt.history.count() == 1
    assert Prompt.objects.count() == 1
    assert Example.objects.count() == 0
