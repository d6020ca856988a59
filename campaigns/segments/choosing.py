"""The customer database that a new segment is about, which is chosen once."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render

from campaigns.customers.models import CustomerDatabase, large
from config.accounts.models import operators
from config.requests import Request, number


def database_or_page(request: Request) -> CustomerDatabase | HttpResponse:
    """The one that the request names, or the only one; else the page that asks for it."""
    databases = CustomerDatabase.objects.active()
    chosen = number((request.POST or request.GET).get("customer_database"))
    database = databases.filter(pk=chosen).first() if chosen else None
    if database is not None:
        return database
    found = list(databases.defer(*large()))
    if len(found) == 1:
        return databases.get(pk=found[0].pk)
    context = {"databases": found, "operators": [] if found else operators()}
    return render(request, "segments/choose.html", context)
