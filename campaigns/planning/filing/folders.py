"""Folders of campaigns, three levels deep: a path, such as "Retail / Spring", names each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db import IntegrityError, transaction

from campaigns.planning.filing.models import LONGEST_FOLDER, Folder
from campaigns.planning.models import Campaign
from config.accounts.models import User
from config.audit.models import record, record_all

LEVELS = 3
BETWEEN = " / "


class FolderRefused(Exception):
    """`message` is one sentence that says what to do."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


@dataclass(frozen=True)
class Tree:
    """All folders, read at once."""

    folders: Mapping[int, Folder]

    def chain(self, pk: int | None) -> list[Folder]:
        """From the outermost folder to this one."""
        found: list[Folder] = []
        while pk is not None:
            found.insert(0, self.folders[pk])
            pk = found[0].parent_id
        return found

    def path(self, pk: int | None) -> str:
        return BETWEEN.join(folder.name for folder in self.chain(pk))

    def inside(self, pk: int | None) -> list[Folder]:
        """The folders right in this one (None: the outermost), by name."""
        found = [folder for folder in self.folders.values() if folder.parent_id == pk]
        return sorted(found, key=lambda folder: folder.name.casefold())

    def within(self, pk: int | None) -> list[int]:
        """This folder and all below it, depth first, by name."""
        below = [one for folder in self.inside(pk) for one in self.within(folder.pk)]
        return below if pk is None else [pk, *below]

    def height(self, pk: int) -> int:
        """How many levels it takes: 1 for a folder without folders."""
        return 1 + max((self.height(folder.pk) for folder in self.inside(pk)), default=0)

    def can_hold(self, pk: int | None, levels: int = 1) -> bool:
        return len(self.chain(pk)) + levels <= LEVELS

    @property
    def paths(self) -> dict[int, str]:
        """{folder: its path}, in the order in which people choose one."""
        return {pk: self.path(pk) for pk in self.within(None)}


def look() -> Tree:
    return Tree(Folder.objects.in_bulk())


def make(name: str, parent: Folder | None, user: User | None) -> Folder:
    """Raises FolderRefused."""
    folder = _stored(Folder(parent=parent), name, parent, look())
    record(user, "created", folder)
    return folder


def change(folder: Folder, name: str, parent: Folder | None, user: User) -> None:
    """Another name, or another place; what is in it comes along. Raises FolderRefused."""
    tree = look()
    if parent is not None and parent.pk in tree.within(folder.pk):
        raise FolderRefused(f"“{folder}” cannot be put into itself. Choose another place.")
    was = tree.path(folder.pk)
    _stored(folder, name, parent, tree)
    record(user, "edited", folder, was=was, now=look().path(folder.pk))


def _stored(folder: Folder, name: str, parent: Folder | None, tree: Tree) -> Folder:
    name = " ".join(name.split())
    if problem := _name_problem(name):
        raise FolderRefused(problem)
    if not tree.can_hold(parent.pk if parent else None, tree.height(folder.pk) if folder.pk else 1):
        raise FolderRefused(f"Folders have {LEVELS} levels at most. Choose a place further out.")
    folder.name, folder.parent = name, parent
    try:
        with transaction.atomic():
            folder.save()
    except IntegrityError:
        raise FolderRefused(f"There is a folder “{name}” here already. Choose another name.") from None
    return folder


def _name_problem(name: str) -> str:
    if not name:
        return "Enter a name for the folder."
    if not name.isprintable() or "/" in name:
        return "A folder's name has no slash and no control character. Leave it out."
    if len(name) > LONGEST_FOLDER:
        return f"The folder's name has {len(name)} characters. Use {LONGEST_FOLDER} at most."
    return ""


def remove(folder: Folder, user: User) -> None:
    """What is in it moves one level out; nothing else is lost. Raises FolderRefused."""
    tree = look()
    taken = {one.name.casefold() for one in tree.inside(folder.parent_id)} - {folder.name.casefold()}
    for one in tree.inside(folder.pk):
        if one.name.casefold() in taken:
            raise FolderRefused(f"There is another folder “{one}” where this one would go. Rename it first.")
    with transaction.atomic():
        move(list(folder.campaigns.all()), folder.parent, user)
        record(user, "deleted", folder)
        # First out of the way: one of its folders may have its name.
        inner = [one.pk for one in tree.inside(folder.pk)]
        Folder.objects.filter(pk=folder.pk).update(name=f"/{folder.pk}")
        Folder.objects.filter(pk__in=inner).update(parent=folder.parent_id)
        Folder.objects.filter(pk=folder.pk).delete()


def move(campaigns: Sequence[Campaign], folder: Folder | None, user: User | None) -> None:
    """Put campaigns into a folder (None: into none), each with its line in the history."""
    tree, to = look(), folder.pk if folder is not None else None
    moved = [campaign for campaign in campaigns if campaign.folder_id != to]
    with transaction.atomic():
        Campaign.objects.filter(pk__in=[campaign.pk for campaign in moved]).update(folder=folder)
        now = tree.path(to)
        record_all(user, "moved", ((one, {"was": tree.path(one.folder_id), "now": now}) for one in moved))
    for campaign in moved:
        campaign.folder = folder


def at_path(path: str, user: User | None) -> Folder | None:
    """The folder of a path, made where it is not there; None for an empty one. Raises FolderRefused."""
    found: Folder | None = None
    for name in _names(path):
        inside = Folder.objects.filter(parent=found)
        there = next((one for one in inside if one.name.casefold() == name.casefold()), None)
        found = there or make(name, found, user)
    return found


def _names(path: str) -> list[str]:
    return [" ".join(name.split()) for name in path.split("/")] if path.strip() else []
