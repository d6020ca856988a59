"""Who may open a view: one decorator for each step of the ladder in models.Role."""

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlsplit

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.http import url_has_allowed_host_and_scheme
from django_htmx.http import HttpResponseClientRedirect

View = Callable[..., HttpResponseBase]


def viewer_required(view: View) -> View:
    """Anybody who is signed in; others sign in first and come back to where they were."""

    @wraps(view)
    def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return _sign_in(request)
        return view(request, *args, **kwargs)

    return checked


def _sign_in(request: HttpRequest) -> HttpResponse:
    if request.headers.get("HX-Request") == "true" and request.method == "POST":
        # An editor that was typed into: the page keeps it and says so (base.js).
        return HttpResponse(status=401)
    if request.headers.get("HX-Request") == "true":
        # The whole page goes there: swapped into the fragment, the sign-in page would stand within another page.
        answer = redirect_to_login(_page_before(request, "HX-Current-URL"))
        return HttpResponseClientRedirect(answer.url)
    if request.method in ("GET", "HEAD"):
        return redirect_to_login(request.get_full_path())
    return redirect_to_login(_page_before(request, "Referer"))


def _page_before(request: HttpRequest, header: str) -> str:
    """The path of our own page that a header names, else the home page: what was posted cannot be posted again."""
    address = request.headers.get(header, "")
    if not url_has_allowed_host_and_scheme(address, allowed_hosts={request.get_host()}):
        return "/"
    parts = urlsplit(address)
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


def _only(permission: str, sentence: str) -> Callable[[View], View]:
    def decorate(view: View) -> View:
        @viewer_required
        @wraps(view)
        def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not getattr(request.user, permission):
                raise PermissionDenied(sentence)
            return view(request, *args, **kwargs)

        return checked

    return decorate


marketer_required = _only("may_market", "Only marketers may do this. Ask an administrator for the role.")
operator_required = _only("may_operate", "Only operators may do this. Ask an administrator for the role.")
administrator_required = _only("may_administer", "Only administrators may do this.")
sql_required = _only(
    "may_write_sql",
    "Only people with the permission “writes SQL” make and change queries. Ask an administrator for it.",
)
