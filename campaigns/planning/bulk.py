"""Many campaigns at once: asked about once, with their names and numbers; what cannot be done is named."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from campaigns.planning import ending
from campaigns.planning.filing.folders import look, move
from campaigns.planning.filing.models import Folder
from campaigns.planning.lists import Row, rows
from campaigns.planning.models import Campaign
from config.accounts.access import marketer_required
from config.accounts.models import User
from config.requests import Request, number

Refused = Callable[[Sequence[Row]], ending.Reasons]
Act = Callable[[list[int], User], tuple[int, ending.Reasons]]
# As many as a page of the list can have chosen, and some.
MOST_AT_ONCE = 500


@dataclass(frozen=True)
class Action:
    verb: str
    done: str
    icon: str
    effect: str
    refused: Refused
    act: Act
    loses: bool = False


ACTIONS: Final[Mapping[str, Action]] = {
    "delete": Action(
        "Delete",
        "deleted",
        "trash-2",
        "Their audiences, sub-audiences and treatment groups are lost. This cannot be undone.",
        ending.not_deleted,
        ending.delete,
        loses=True,
    ),
    "archive": Action(
        "Archive",
        "archived",
        "archive",
        "They can no longer be edited or launched; their launches, files and history stay, and so do the lists "
        "that they sent.",
        ending.not_archived,
        ending.archive,
        loses=True,
    ),
    "restore": Action(
        "Restore",
        "restored",
        "archive-restore",
        "They can be edited and launched again. Nothing is launched by it.",
        ending.not_restored,
        ending.restore,
    ),
}


@marketer_required
@require_POST
def campaign_bulk(request: Request) -> HttpResponse:
    """The question first, then what was answered."""
    ids = list(dict.fromkeys(pk for text in request.POST.getlist("campaign") if (pk := number(text))))
    name, found = request.POST.get("action", ""), rows(ids[:MOST_AT_ONCE])
    action = _move_to(request.POST.get("folder", "")) if name == "move" else ACTIONS.get(name)
    if action is None or not found:
        messages.error(request, "Choose campaigns in the list first, then what to do with them.")
    elif "confirmed" not in request.POST:
        return _asked(request, action, found)
    else:
        _tell(request, action, found)
    return redirect(_back(request))


def _move_to(text: str) -> Action | None:
    """None where the folder is gone."""
    tree, pk = look(), number(text)
    if pk is not None and pk not in tree.folders:
        return None
    folder = tree.folders[pk] if pk is not None else None
    where = f"into “{tree.path(pk)}”" if folder is not None else "out of their folders"

    def act(ids: list[int], user: User) -> tuple[int, ending.Reasons]:
        return _moved(ids, folder, user)

    effect = f"They move {where}. Nothing else about them changes."
    return Action("Move", f"moved {where}", "folder-input", effect, lambda found: {}, act)


def _moved(ids: list[int], folder: Folder | None, user: User) -> tuple[int, ending.Reasons]:
    campaigns = list(Campaign.objects.filter(pk__in=ids))
    move(campaigns, folder, user)
    return len(campaigns), {}


def _asked(request: Request, action: Action, found: Sequence[Row]) -> HttpResponse:
    reasons = action.refused(found)
    context = {
        "action": action,
        "rows": [row for row in found if row.campaign.pk not in reasons],
        "refused": [(row, reasons[row.campaign.pk]) for row in found if row.campaign.pk in reasons],
        "posted": {key: request.POST.get(key, "") for key in ("action", "folder", "back")},
        "back": _back(request),
    }
    return render(request, "planning/bulk.html", context)


def _tell(request: Request, action: Action, found: Sequence[Row]) -> None:
    names = {row.campaign.pk: row.campaign.name for row in found}
    done, reasons = action.act(list(names), request.user)
    if done:
        messages.success(request, f"{done:,} campaign{'' if done == 1 else 's'} {action.done}.")
    for pk, reason in reasons.items():
        messages.error(request, f"“{names[pk]}” is not {action.done}: it {reason}.")


def _back(request: Request) -> str:
    """The list as it was; what stands in the address goes nowhere but to our own list."""
    query = request.POST.get("back", "")
    return reverse("campaign_list") + (f"?{query}" if query else "")
