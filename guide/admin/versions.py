"""Two versions of a template side by side, and the way back to an earlier one."""

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse

from guide import variables
from guide.differences import differences
from guide.models import Prompt, PromptVersion, Status


def versions(request: HttpRequest, pk: int) -> HttpResponse:
    """GET compares two versions, the last two unless told; POST restores one."""
    row = get_object_or_404(Prompt, pk=pk)
    if not request.user.has_perm("guide.change_prompt"):
        raise PermissionDenied
    kept = list(row.versions.all())
    if request.method == "POST":
        return _restore(request, row, _version(kept, request.POST.get("number", ""), 0))
    right = _version(kept, request.GET.get("right", ""), 0)
    left = _version(kept, request.GET.get("left", ""), 1)
    context = {
        **admin.site.each_context(request),
        "title": f"Versions of {row}",
        "opts": Prompt._meta,
        "prompt": row,
        "versions": kept,
        "left": left,
        "right": right,
        "pieces": differences(left.template, right.template),
    }
    return TemplateResponse(request, "guide/admin/versions.html", context)


def _version(kept: list[PromptVersion], number: str, otherwise: int) -> PromptVersion:
    """The version of this number, or the one at this place from the newest."""
    named = (version for version in kept if str(version.number) == number)
    return next(named, kept[min(otherwise, len(kept) - 1)])


def _restore(request: HttpRequest, row: Prompt, version: PromptVersion) -> HttpResponse:
    """The old text becomes the newest version; what it has no variables for makes it a draft."""
    described = set(row.variables.values_list("name", flat=True))
    used = set(variables.find(version.template))
    row.template = version.template
    if used != described:
        row.status = Status.DRAFT
        names = ", ".join(f"[{name}]" for name in sorted(used ^ described))
        messages.warning(request, f"It is a draft now: its variables do not match ({names}).")
    row.save()
    messages.success(request, f"Version {version.number} is the text again.")
    return HttpResponseRedirect(reverse("admin:guide_prompt_change", args=[row.pk]))
