"""The list of segments, a segment to read, and what ends or multiplies one: copy, disable, delete."""

from __future__ import annotations

from uuid import UUID, uuid5

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from campaigns.customers.catalogue import stored
from campaigns.customers.models import CustomerDatabase
from campaigns.segments.about.frame import frame, segment_to_show
from campaigns.segments.about.history_views import history_context
from campaigns.segments.deleting import delete
from campaigns.segments.lists import found, list_rows
from campaigns.segments.masked import masked
from campaigns.segments.models import Segment
from campaigns.segments.named import stored_names
from campaigns.segments.queries.pages import shown_query
from campaigns.segments.saving import copy, draft_of, rule_problems, set_enabled
from campaigns.segments.uses import uses_of
from campaigns.segments.words import outline
from config.accounts.access import marketer_required, viewer_required
from config.requests import Request, asked

PER_PAGE = 50
# While the summary is on its way.
SUMMARY_WORDS = ("Customers", "Active in the last year", "Revenue in the last year", "Average order value")


@viewer_required
def segment_list(request: Request) -> HttpResponse:
    search = asked(request, "q")
    page = Paginator(found(search), PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "rows": list_rows(list(page.object_list)),
        "search": search,
        "any_segment": bool(page.paginator.count) or Segment.objects.active().exists(),
        "any_database": CustomerDatabase.objects.active().exists(),
    }
    return render(request, "segments/list.html", context)


@viewer_required
def segment(request: Request, pk: int) -> HttpResponse:
    shown = segment_to_show(pk)
    draft = draft_of(shown)
    problems = {one.path[1:]: one.message for one in rule_problems(draft, shown, shown.customer_database)}
    catalogue = stored(shown.customer_database)
    rules = draft.rules if request.user.sees_personal_data else masked(draft.rules, catalogue.personal)
    context = {
        "outline": outline(rules, stored_names(draft.rules, catalogue), problems),
        "problems": problems,
        "query": shown_query(shown, request.user),
        "uses": uses_of(shown),
        "summary_words": SUMMARY_WORDS,
        **history_context(shown),
    }
    return render(request, "segments/segment.html", frame(shown, "segment") | context)


@marketer_required
@require_POST
def segment_copy(request: Request, pk: int) -> HttpResponse:
    """A copy, opened in the editor; a double click makes one."""
    original = get_object_or_404(Segment.objects.active(), pk=pk)
    token = _token(request.POST.get("token", ""), pk)
    made = Segment.objects.filter(form_token=token).first() if token else None
    return redirect("segment_edit", (made or copy(original, request.user, token)).pk)


def _token(text: str, pk: int) -> UUID | None:
    """One page's token, made the segment's own."""
    try:
        return uuid5(UUID(text), str(pk))
    except ValueError:
        return None


@marketer_required
@require_POST
def segment_disable(request: Request, pk: int) -> HttpResponse:
    """It stays where it is used, and is offered nowhere else."""
    return _able(request, pk, is_enabled=False)


@marketer_required
@require_POST
def segment_enable(request: Request, pk: int) -> HttpResponse:
    return _able(request, pk, is_enabled=True)


def _able(request: Request, pk: int, *, is_enabled: bool) -> HttpResponse:
    changed = get_object_or_404(Segment.objects.active(), pk=pk)
    if set_enabled(changed, request.user, is_enabled=is_enabled):
        messages.success(request, f"“{changed}” is {'enabled' if is_enabled else 'disabled'}.")
    return redirect("segment", pk)


@marketer_required
def segment_delete(request: Request, pk: int) -> HttpResponse:
    """Asks once; what is in use is refused, with where it is used."""
    doomed = get_object_or_404(Segment.objects.active().select_related("customer_database"), pk=pk)
    uses = delete(doomed, request.user) if request.method == "POST" else uses_of(doomed)
    if request.method == "POST" and not uses:
        messages.success(request, f"“{doomed}” is deleted.")
        return redirect("segment_list")
    return render(request, "segments/delete.html", {"segment": doomed, "uses": uses})
