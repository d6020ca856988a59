"""Who may open a view: one decorator for each step of the ladder in models.Role."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse

View = Callable[..., HttpResponse]


def _only(permission: str, sentence: str) -> Callable[[View], View]:
    def decorate(view: View) -> View:
        @wraps(view)
        @login_required
        def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if not getattr(request.user, permission):
                raise PermissionDenied(sentence)
            return view(request, *args, **kwargs)

        return checked

    return decorate


viewer_required = login_required
marketer_required = _only("may_market", "Only marketers may do this. Ask an administrator for the role.")
operator_required = _only("may_operate", "Only operators may do this. Ask an administrator for the role.")
administrator_required = _only("may_administer", "Only administrators may do this.")
