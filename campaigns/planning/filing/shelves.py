"""The folders beside the list of campaigns: which one is open, what is in it, and how many."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from django.db.models import Count

from campaigns.planning.filing.folders import Tree, look
from campaigns.planning.filing.models import Folder
from campaigns.planning.models import Campaign, CampaignQuerySet
from config.requests import number

NOWHERE = "none"


@dataclass(frozen=True)
class Shelf:
    """`asked`: the id of a folder, "none" for campaigns in no folder; anything else is all of them."""

    tree: Tree
    asked: str
    counts: Mapping[int | None, int]  # of campaigns right in each

    @property
    def folder(self) -> Folder | None:
        return self.tree.folders.get(number(self.asked) or 0)

    @property
    def is_nowhere(self) -> bool:
        return self.asked == NOWHERE

    @property
    def value(self) -> str:
        """What stands in the address; nothing for all campaigns."""
        return str(self.folder.pk) if self.folder else NOWHERE if self.is_nowhere else ""

    @property
    def chain(self) -> list[Folder]:
        return self.tree.chain(self.folder.pk if self.folder else None)

    @property
    def can_hold_another(self) -> bool:
        return not self.is_nowhere and self.tree.can_hold(self.folder.pk if self.folder else None)

    @property
    def folders(self) -> list[tuple[Folder, int]]:
        """Those inside the open one, each with its number of campaigns, those in its folders included."""
        if self.is_nowhere:
            return []
        inside = self.tree.inside(self.folder.pk if self.folder else None)
        return [(one, sum(self.counts.get(pk, 0) for pk in self.tree.within(one.pk))) for one in inside]

    @property
    def nowhere(self) -> int:
        return self.counts.get(None, 0)

    @cached_property
    def paths(self) -> Mapping[int, str]:
        return self.tree.paths

    def of(self, campaigns: CampaignQuerySet) -> CampaignQuerySet:
        """Those in the open folder and in the folders below it."""
        if self.is_nowhere:
            return campaigns.filter(folder=None)
        return campaigns.filter(folder__in=self.tree.within(self.folder.pk)) if self.folder else campaigns


def shelf(asked: str) -> Shelf:
    """Two queries, whatever the number of folders."""
    counted = Campaign.objects.active().order_by().values("folder").annotate(all=Count("pk"))
    return Shelf(look(), asked, dict(counted.values_list("folder", "all")))
