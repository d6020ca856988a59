"""The names of the destinations' pages, which the dashboard links to, while those are not part of the site."""

from django.http import HttpRequest, HttpResponse
from django.urls import include, path


def elsewhere(request: HttpRequest, pk: int = 0) -> HttpResponse:
    return HttpResponse("another page")


urlpatterns = [
    path("", include("config.urls")),
    *(path(f"{name}s/", elsewhere, name=f"{name}_list") for name in ("destination", "credential")),
    *(path(f"{name}s/<int:pk>/", elsewhere, name=name) for name in ("destination", "credential")),
]
