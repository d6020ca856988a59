"""The dashboard: what needs a person first, then what is under way."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from campaigns.home.needs import needs_you
from config.accounts.access import viewer_required


@viewer_required
def home(request: HttpRequest) -> HttpResponse:
    return render(request, "home/home.html", {"needs": needs_you()})
