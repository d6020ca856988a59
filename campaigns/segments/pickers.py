"""What the editor's searchable fields offer: other segments, and the values of an attribute."""

from __future__ import annotations

from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render

from campaigns.customers.connection import CustomerDatabaseError
from campaigns.customers.models import CustomerDatabase
from campaigns.customers.values import search_values
from campaigns.segments.models import Segment
from campaigns.segments.uploaded.models import UploadedList
from config.accounts.access import marketer_required
from config.requests import Request, asked, number

MOST = 20
MOST_LEFT_OUT = 60


@marketer_required
def segment_offered(request: Request) -> HttpResponse:
    """The segments, or the uploaded lists, that a rule may name, by a part of their name."""
    database, is_list = _database(request), request.GET.get("kind") == "list"
    among = UploadedList.objects.offered(database) if is_list else _segments(request, database)
    wanted = among.filter(name__icontains=asked(request, "q")).order_by("name")
    names = list(wanted.values_list("name", flat=True)[: MOST + 1])
    message = "" if names else f"No {'uploaded list' if is_list else 'segment'} is called that."
    if len(names) > MOST:
        message = "There are more. Type a part of the name."
    return render(request, "segments/_found.html", {"found": names[:MOST], "message": message})


def _segments(request: Request, database: CustomerDatabase) -> QuerySet[Segment]:
    segments = Segment.objects.enabled().filter(customer_database=database)
    return segments.exclude(pk__in=[number(pk) or 0 for pk in request.GET.getlist("not")[:MOST_LEFT_OUT]])


@marketer_required
def segment_values(request: Request) -> HttpResponse:
    """Values of an attribute that hold a text, the most frequent first."""
    try:
        found = search_values(
            _database(request),
            asked(request, "attribute"),
            asked(request, "q"),
            MOST,
            sees_personal_data=request.user.sees_personal_data,
        )
    except CustomerDatabaseError as error:
        return render(request, "segments/_found.html", {"message": error.to(request.user)})
    message = "" if found else "No customer has such a value."
    return render(request, "segments/_found.html", {"found": found, "message": message})


def _database(request: Request) -> CustomerDatabase:
    pk = number(request.GET.get("customer_database")) or 0
    return get_object_or_404(CustomerDatabase.objects.active(), pk=pk)
