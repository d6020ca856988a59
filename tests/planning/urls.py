"""The campaign pages and the names they link to, while the pages of the other packages are not part of the site."""

from django.http import HttpRequest, HttpResponse
from django.urls import include, path


def elsewhere(request: HttpRequest, pk: int = 0) -> HttpResponse:
    return HttpResponse("another page")


urlpatterns = [
    path("", include("config.urls")),
    path("", include("campaigns.planning.urls")),
    path("segments/new/", elsewhere, name="segment_new"),
    path("launches/<int:pk>/", elsewhere, name="launch"),
    path("campaigns/<int:pk>/delivery-summary/", elsewhere, name="preflight"),
]
