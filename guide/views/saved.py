"""Favourites, collections and what was run lately: kept by the browser, never sent anywhere."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from guide.public_page import public_page


@public_page
def saved(request: HttpRequest) -> HttpResponse:
    return render(request, "guide/saved.html")
