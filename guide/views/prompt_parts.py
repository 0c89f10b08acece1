"""The pages beside a prompt: its versions with what changed, and the report of a problem."""

from typing import TYPE_CHECKING

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from guide.differences import differences
from guide.models import Prompt
from guide.models.report import Reason
from guide.public_page import public_page
from guide.reporting import TooMany, report

if TYPE_CHECKING:
    _Form = forms.Form
else:
    _Form = forms.Form


class ReportForm(_Form):
    reason = forms.ChoiceField(
        label="What is the matter?", choices=Reason.choices, widget=forms.RadioSelect
    )
    text = forms.CharField(
        label="In your own words",
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 5}),
    )
    # People do not see this field; what fills it in is no person.
    website = forms.CharField(required=False, max_length=200)

    def clean_text(self) -> str:
        text: str = self.cleaned_data["text"].replace("\r\n", "\n").strip()
        if self.cleaned_data.get("reason") == Reason.OTHER and not text:
            raise forms.ValidationError("Say in a few words what it is.")
        return text


@public_page
def versions(request: HttpRequest, slug: str) -> HttpResponse:
    """Every version of the template, the newest first, with what changed since the one before."""
    row = get_object_or_404(Prompt.objects.published().with_shelf(), slug=slug)
    kept = list(row.versions.all())
    before = [version.template for version in kept[1:]]
    changes = [
        (version, differences(old, version.template))
        for version, old in zip(kept, [*before, ""], strict=True)
    ]
    context = {"prompt": row, "changes": changes}
    return render(request, "guide/versions.html", context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def report_problem(request: HttpRequest, slug: str) -> HttpResponse:
    """A form without an account; what is sent waits in the admin."""
    row = get_object_or_404(Prompt.objects.published(), slug=slug)
    form = ReportForm(request.POST if request.method == "POST" else None)
    context = {"prompt": row, "form": form, "page_url": "", "is_sent": "sent" in request.GET}
    if not form.is_valid():
        return render(request, "guide/report.html", context, status=400 if form.errors else 200)
    sent = HttpResponseRedirect(f"{reverse('report', args=[slug])}?sent")
    if form.cleaned_data["website"]:
        return sent
    try:
        report(request, row, form.cleaned_data["reason"], form.cleaned_data["text"])
    except TooMany as error:
        response = render(request, "guide/report.html", context | {"problem": error}, status=429)
        response.headers["Retry-After"] = str(error.retry_after)
        return response
    return sent
