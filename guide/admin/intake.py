"""Importing prompts in the admin: upload, see what each row would do, then bring in or drop."""

from collections import Counter
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse

from guide.intake.bringing_in import NotBroughtIn, bring_in
from guide.intake.duplicates import note_duplicates
from guide.intake.proposals import REFUSED, Proposal, propose
from guide.intake.tables import MOST_BYTES, FileRefused, read_rows
from guide.models import ContentStamp, Prompt, Upload

if TYPE_CHECKING:
    _Form = forms.Form
else:
    _Form = forms.Form
MOST_SHOWN = 300


class UploadForm(_Form):
    file = forms.FileField(
        label="File", help_text="CSV, JSON or YAML with a title, a template and a subcategory each."
    )

    def clean_file(self) -> UploadedFile:
        file: UploadedFile = self.cleaned_data["file"]
        if (file.size or 0) > MOST_BYTES:
            raise forms.ValidationError(f"At most {MOST_BYTES // 1024 // 1024} MB; split the file.")
        return file


def upload(request: HttpRequest) -> HttpResponse:
    """The form; a file that can be read is kept for its preview."""
    _may_change(request)
    form = UploadForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        assert request.user.pk is not None
        file = form.cleaned_data["file"]
        body = file.read()
        try:
            read_rows(file.name, body)
        except FileRefused as error:
            form.add_error("file", str(error))
        else:
            Upload.objects.filter(owner_id=request.user.pk).delete()
            kept = Upload.objects.create(
                name=file.name[:200],
                body=body,
                owner_id=request.user.pk,
                stamp=ContentStamp.current(),
            )
            return HttpResponseRedirect(reverse("admin:guide_prompt_preview", args=[kept.pk]))
    return _page(request, "upload", "Import prompts", {"form": form})


def preview(request: HttpRequest, pk: int) -> HttpResponse:
    """What each row would do; pressing the button does it, if the library is still the same."""
    _may_change(request)
    kept = get_object_or_404(Upload, pk=pk, owner_id=request.user.pk)
    if "drop" in request.POST:
        kept.delete()
        messages.info(request, "The file was dropped; nothing was written.")
        return HttpResponseRedirect(reverse("admin:guide_prompt_changelist"))
    proposals = propose(read_rows(kept.name, bytes(kept.body)))
    if request.method == "POST":
        return _decided(request, kept, proposals)
    is_compared = note_duplicates(proposals)
    order = {REFUSED: 0, "changed": 1, "new": 2, "unchanged": 3}
    worth = sorted(proposals, key=lambda row: (order[row.kind], not row.notes, row.number))
    context = {
        "upload": kept,
        "counts": Counter(proposal.kind for proposal in proposals),
        "shown": worth[:MOST_SHOWN],
        "more": max(0, len(worth) - MOST_SHOWN),
        "reasons": _reasons(proposals),
        "is_compared": is_compared,
    }
    return _page(request, "preview", f"Import {kept.name}", context)


def _reasons(proposals: list[Proposal]) -> list[tuple[str, int, list[int]]]:
    """Each reason with how many rows it stops and the first of them."""
    rows: dict[str, list[int]] = {}
    for proposal in proposals:
        for sentence in proposal.problems:
            rows.setdefault(sentence, []).append(proposal.number)
    ranked = sorted(rows.items(), key=lambda item: -len(item[1]))[:30]
    return [(sentence, len(numbers), numbers[:8]) for sentence, numbers in ranked]


def _decided(request: HttpRequest, kept: Upload, proposals: list[Proposal]) -> HttpResponse:
    """Bring in; the upload is gone afterwards, unless something stops it."""
    here = HttpResponseRedirect(reverse("admin:guide_prompt_preview", args=[kept.pk]))
    stamp = ContentStamp.current()
    if stamp != kept.stamp:
        Upload.objects.filter(pk=kept.pk).update(stamp=stamp)
        messages.warning(request, "The library changed meanwhile. Look at the rows again.")
        return here
    try:
        new, changed = bring_in(proposals, without_refused="without_refused" in request.POST)
    except NotBroughtIn as error:
        messages.error(request, f"Nothing was written. {error}")
        return here
    kept.delete()
    messages.success(request, f"{new} new prompts as drafts, {changed} changed.")
    return HttpResponseRedirect(reverse("admin:guide_prompt_changelist"))


def _may_change(request: HttpRequest) -> None:
    needed = ("guide.add_prompt", "guide.change_prompt")
    if not all(request.user.has_perm(name) for name in needed):
        raise PermissionDenied


def _page(request: HttpRequest, name: str, title: str, context: dict[str, Any]) -> TemplateResponse:
    known = {**admin.site.each_context(request), "title": title, "opts": Prompt._meta}
    return TemplateResponse(request, f"guide/admin/{name}.html", known | context)
