"""The dashboard: what needs a person first, then what is under way, then what was."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django_htmx.http import HttpResponseClientRefresh

from campaigns.home.needs import needs_you
from campaigns.home.recent import recent, spark
from campaigns.home.rows_chart import rows_chart
from campaigns.home.steps import first_steps, may_do, next_step
from campaigns.home.under_way import Running, under_way
from config import clock
from config.accounts.access import viewer_required
from config.requests import Request


@viewer_required
def home(request: Request) -> HttpResponse:
    running = under_way()
    steps = first_steps(request.user)
    step = next_step(steps)
    context = {
        "now": clock.now(),
        "needs": needs_you(request.user),
        "running": running,
        "running_ids": _ids(running),
        "steps": steps,
        "next_step": step,
        "may_do_next": step is not None and may_do(request.user, step),
    }
    if step is None:
        context |= {"chart": rows_chart(), "recent": [(row, spark(row.history)) for row in recent()]}
    return render(request, "home/home.html", context)


@viewer_required
def home_running(request: Request) -> HttpResponse:
    """What runs now, for the page that asks again and again; the whole page when something else runs by then."""
    if not request.htmx:
        return redirect("home")
    running = under_way()
    if _ids(running) != request.GET.get("of", ""):
        return HttpResponseClientRefresh()
    return render(request, "home/_running.html", {"running": running, "running_ids": _ids(running)})


def _ids(running: list[Running]) -> str:
    return ",".join(str(one.launch.pk) for one in running)
