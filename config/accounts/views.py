"""Who is signed in, and the people page: who may sign in, in which role."""

from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache

from config.accounts.access import administrator_required
from config.accounts.forms import PersonForm
from config.accounts.models import Role, User
from config.audit.models import record


@never_cache
def signed_in(request: HttpRequest) -> HttpResponse:
    """For a page with typed text: the token that forms need now, since signing in changes it; 401 when signed out."""
    if not request.user.is_authenticated:
        return HttpResponse(status=401)
    return HttpResponse(get_token(request), content_type="text/plain")


@administrator_required
def people(request: HttpRequest) -> HttpResponse:
    found = User.objects.order_by("-is_active", "username")
    return render(request, "account/people.html", {"people": found})


@administrator_required
def person_new(request: HttpRequest) -> HttpResponse:
    return _edit(request, User(), "added")


@administrator_required
def person(request: HttpRequest, pk: int) -> HttpResponse:
    return _edit(request, get_object_or_404(User, pk=pk), "changed")


@transaction.atomic
def _edit(request: HttpRequest, person: User, verb: str) -> HttpResponse:
    name = person.display_name
    if request.method == "POST":
        # Two administrators who step down at once must not both find the other still there.
        list(User.objects.select_for_update().filter(role=Role.ADMINISTRATOR).values_list("pk"))
    form = PersonForm(request.POST or None, instance=person)
    if request.method == "POST" and form.is_valid():
        person = form.save()
        record(
            request.user,
            verb,
            person,
            role=person.role,
            sees_personal_data=person.sees_personal_data,
            writes_sql=person.writes_sql,
        )
        if person == request.user:
            update_session_auth_hash(request, person)
        messages.success(request, f"{person.display_name} was {verb}.")
        return redirect("people")
    return render(request, "account/person.html", {"form": form, "person": person, "name": name})
