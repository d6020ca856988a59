"""The names the dashboard links to, while the pages of the other packages are not part of the site."""

from django.http import HttpRequest, HttpResponse
from django.urls import include, path


def elsewhere(request: HttpRequest, pk: int = 0) -> HttpResponse:
    return HttpResponse("another page")


LISTS = ("campaign", "segment", "launch", "destination", "credential", "customer_database")

urlpatterns = [
    path("", include("config.urls")),
    *(path(f"{name}s/", elsewhere, name=f"{name}_list") for name in LISTS),
    *(path(f"{name}s/<int:pk>/", elsewhere, name=name) for name in LISTS),
    path("campaigns/new/", elsewhere, name="campaign_new"),
    path("segments/new/", elsewhere, name="segment_new"),
    path("sandbox/", elsewhere, name="sandbox_segments"),
]
