"""What a campaign is found by, on a page of its own: also of one that cannot be edited now. And the folders."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from campaigns.planning.filing.folders import FolderRefused, change, look, make, move, remove
from campaigns.planning.filing.forms import FilingForm, FolderForm
from campaigns.planning.filing.labels import (
    LabelsRefused,
    known_labels,
    labels_of,
    read_labels,
    set_labels,
)
from campaigns.planning.filing.models import Folder
from campaigns.planning.filing.shelves import shelf
from campaigns.planning.models import Campaign
from config.accounts.access import marketer_required
from config.requests import Request, asked


@marketer_required
def campaign_filing(request: Request, pk: int) -> HttpResponse:
    campaign = get_object_or_404(Campaign.objects.select_related("folder"), pk=pk)
    initial = {"labels": ", ".join(labels_of(campaign)), "folder": campaign.folder_id or ""}
    form = FilingForm(request.POST or None, initial=initial, tree=look(), nowhere="In no folder")
    if request.method == "POST" and form.is_valid() and _filed(form, campaign, request):
        messages.success(request, f"“{campaign}” is filed. Its audience and groups are as before.")
        return redirect("campaign", pk)
    context = {"campaign": campaign, "form": form, "known": known_labels()}
    return render(request, "planning/filing.html", context)


def _filed(form: FilingForm, campaign: Campaign, request: Request) -> bool:
    try:
        set_labels(campaign, read_labels(form.cleaned_data["labels"]), request.user)
    except LabelsRefused as error:
        form.add_error("labels", error.message)
        return False
    move([campaign], form.chosen, request.user)
    return True


def _open(folder: Folder | None) -> str:
    return reverse("campaign_list") + (f"?folder={folder.pk}" if folder is not None else "")


@marketer_required
def folder_new(request: Request) -> HttpResponse:
    form = FolderForm(request.POST or None, initial={"folder": asked(request, "folder")}, tree=look())
    if request.method == "POST" and form.is_valid():
        try:
            return redirect(_open(make(form.cleaned_data["name"], form.chosen, request.user)))
        except FolderRefused as error:
            form.add_error("name", error.message)
    return render(request, "planning/folder.html", {"form": form, "folder": None})


@marketer_required
def folder_edit(request: Request, pk: int) -> HttpResponse:
    folder = get_object_or_404(Folder.objects.select_related("parent"), pk=pk)
    initial = {"name": folder.name, "folder": folder.parent_id or ""}
    form = FolderForm(request.POST or None, initial=initial, tree=look())
    if request.method == "POST" and form.is_valid():
        try:
            change(folder, form.cleaned_data["name"], form.chosen, request.user)
            return redirect(_open(folder))
        except FolderRefused as error:
            form.add_error("name", error.message)
            folder.refresh_from_db()
    return render(request, "planning/folder.html", {"form": form, "folder": folder})


@marketer_required
def folder_delete(request: Request, pk: int) -> HttpResponse:
    """Asks once; nothing that is in it is lost."""
    folder = get_object_or_404(Folder.objects.select_related("parent"), pk=pk)
    if request.method == "POST":
        try:
            remove(folder, request.user)
            messages.success(request, f"The folder “{folder}” is deleted; what was in it is here.")
            return redirect(_open(folder.parent))
        except FolderRefused as error:
            messages.error(request, error.message)
            return redirect(_open(folder))
    context = {"folder": folder, "shelf": shelf(str(pk)), "campaigns": folder.campaigns.count()}
    return render(request, "planning/folder_delete.html", context)
