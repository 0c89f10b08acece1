"""How a draft will look, for the people who write it."""

from django.contrib.auth.decorators import user_passes_test
from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from guide.models import Contrast, Definition, Prompt
from guide.views import contrasts, definitions, prompts


def _is_staff(user: AbstractBaseUser | AnonymousUser) -> bool:
    return bool(getattr(user, "is_active", False) and getattr(user, "is_staff", False))


staff_only = user_passes_test(_is_staff, login_url=reverse_lazy("admin:login"))


@require_safe
@never_cache
@staff_only
def preview_definition(request: HttpRequest, slug: str) -> HttpResponse:
    row = get_object_or_404(Definition.objects.with_own_parts(), slug=slug)
    context = definitions.page_context(request, row, is_preview=True)
    return render(request, "guide/definition.html", context)


@require_safe
@never_cache
@staff_only
def preview_contrast(request: HttpRequest, slug: str) -> HttpResponse:
    row = get_object_or_404(Contrast.objects.with_parts(), slug=slug)
    context = contrasts.page_context(request, row, is_preview=True)
    return render(request, "guide/contrast.html", context)


@require_safe
@never_cache
@staff_only
def preview_prompt(request: HttpRequest, slug: str) -> HttpResponse:
    row = get_object_or_404(Prompt.objects.with_parts(), slug=slug)
    return render(request, "guide/prompt.html", prompts.page_context(row, is_preview=True))
