"""Storing credentials and destinations: the one way, for pages and for files. Plain data in, model out.

A key that is left out keeps what is stored; in a new object it takes the default of its form. Nothing is stored
unless all of it is right and, where `check` is on, the far side was reached with it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from copy import copy
from typing import Any, TypeVar
from uuid import UUID

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS
from django.db import IntegrityError, transaction

from config import clock
from config.accounts.models import User
from config.audit.models import Event, record
from destinations.checking import ACCEPT, connect, wanted_host_key
from destinations.forms import CredentialForm, DestinationForm
from destinations.kind import CheckResult
from destinations.kinds import KINDS
from destinations.models import Credential, Destination
from destinations.refusals import DestinationRefused, EditedMeanwhile
from destinations.uses import campaigns_using, quoted

Data = Mapping[str, Any]
Stored = TypeVar("Stored", Credential, Destination)

_CREDENTIAL = ("name", "description", "fields", "version", "updated_at")
_DESTINATION = (
    "name", "description", "credential", "settings", "operators_only", "open_without_personal_data", "host_key",
    "host_key_accepted_by", "host_key_accepted_at", "account_key", "drop_point", "version", "updated_at",
)  # fmt: skip
_CHECKED = ("checked_at", "needs_attention")


def save_credential(
    credential: Credential | None,
    data: Data,
    user: User | None,
    *,
    check: bool = True,
    version: int | None = None,
    form_token: UUID | None = None,
) -> Credential:
    """`data`: kind, name, description, fields. A secret that is empty keeps the stored one, None forgets it.

    A login alone names no folder, so it is tried with each enabled destination that uses it; one that fails refuses
    the whole. `version`: what the person edited; a newer one raises EditedMeanwhile.
    """
    if credential is None and (made := _made_with(Credential, form_token)):
        return made
    _refuse_stale(credential, version)
    draft = _credential_draft(credential, data)
    checked: list[int] = []
    if check and credential is not None and draft.fields != credential.fields:
        checked = _try_destinations(draft)
    try:
        with transaction.atomic():
            saved = _store(credential, draft, user, version, form_token, _CREDENTIAL)
            _carry_to_destinations(saved, checked)
            return saved
    except IntegrityError:
        return _made_meanwhile(Credential, form_token, draft.name)


def save_destination(
    destination: Destination | None,
    data: Data,
    user: User | None,
    *,
    check: bool = True,
    accept_host_key: str = "",
    version: int | None = None,
    form_token: UUID | None = None,
) -> Destination:
    """`data`: kind, name, description, credential (the model), operators_only, open_without_personal_data, settings.

    `accept_host_key`: a fingerprint "SHA256:…" that the server has to show and that is pinned then; or "accept", which
    pins what is seen if none is pinned yet. Without `check` nothing is connected to, so a kind with host keys needs
    a fingerprint, given here or pinned before.
    """
    if destination is None and (made := _made_with(Destination, form_token)):
        return made
    _refuse_stale(destination, version)
    draft = _destination_draft(destination, data)
    if check:
        _pin(draft, connect(draft, accept_host_key), user)
    else:
        _pin_unseen(draft, accept_host_key, user)
    fields = (*_DESTINATION, *_CHECKED) if check else _DESTINATION
    try:
        with transaction.atomic():
            _refuse_changed_credential(draft)
            saved = _store(destination, draft, user, version, form_token, fields)
            if destination is not None and destination.identifier != saved.identifier:
                # They would feed phones where e-mail addresses are meant, or the other way round.
                saved.default_attributes.all().delete()
            return saved
    except IntegrityError:
        return _made_meanwhile(Destination, form_token, draft.name)


def set_enabled(destination: Destination, user: User | None, *, is_enabled: bool) -> None:
    """Nothing is sent to a disabled one; what uses it keeps it."""
    if (destination.disabled_at is None) == is_enabled:
        return
    destination.disabled_at = None if is_enabled else clock.now()
    destination.save(update_fields=["disabled_at"])
    record(user, "enabled" if is_enabled else "disabled", destination)


# What is asked for ----------------------------------------------------------------------------------------


def _credential_draft(credential: Credential | None, data: Data) -> Credential:
    _refuse_unknown(data, (*CredentialForm.base_fields, "kind", "fields"), "")
    draft = copy(credential) if credential else Credential(kind=str(data.get("kind", "")))
    if draft.kind not in KINDS:
        raise DestinationRefused("kind", f"There is no kind “{draft.kind}”. There are: {', '.join(KINDS)}.")
    if data.get("kind", draft.kind) != draft.kind:
        raise DestinationRefused("kind", "The kind of a credential stays. Make a new credential.")
    own = CredentialForm({"name": draft.name, "description": draft.description, **data})
    _take(draft, _cleaned(own), Credential)
    kind = draft.the_kind
    given = dict(data.get("fields") or {})
    for name in kind.secret_fields & given.keys():
        if given[name] == "":
            del given[name]
    filled = _filled(kind.credential_form, credential.fields if credential else {}, given)
    cleaned = _cleaned(kind.credential_form(filled))
    draft.fields = {name: value for name, value in cleaned.items() if value not in (None, "")}
    return draft


def _destination_draft(destination: Destination | None, data: Data) -> Destination:
    _refuse_unknown(data, (*DestinationForm.base_fields, "kind", "settings"), "")
    draft = copy(destination) if destination else Destination()
    stored = {name: getattr(draft, name) for name in DestinationForm.base_fields if name != "credential"}
    stored["credential"] = draft.credential_id
    _take(draft, _cleaned(DestinationForm({**stored, **data})), Destination)
    _take_kind(draft, str(data.get("kind", draft.credential.kind)))
    kind = draft.the_kind
    filled = _filled(kind.settings_form, draft.settings, dict(data.get("settings") or {}))
    draft.settings = _cleaned(kind.settings_form(filled))
    if destination is not None:
        _refuse_other_identifier(destination, draft)
    _derive(draft)
    return draft


def _take(draft: Stored, values: Mapping[str, Any], model: type[Stored]) -> None:
    for name, value in values.items():
        setattr(draft, name, value)
    if model.objects.filter(archived_at=None, name=draft.name).exclude(pk=draft.pk).exists():
        raise DestinationRefused("name", _taken(draft.name))


def _taken(name: str) -> str:
    return f"The name “{name}” is taken. Choose another one."


def _take_kind(draft: Destination, kind: str) -> None:
    """A destination's kind is its credential's, for good."""
    if draft.credential.kind != kind or draft.kind not in ("", kind):
        raise DestinationRefused(
            "credential", f"“{draft.credential}” is a login of another kind. Choose one of this kind."
        )
    draft.kind = kind


def _derive(draft: Destination) -> None:
    kind, fields = draft.the_kind, draft.credential.fields
    draft.account_key = kind.account_key(draft.settings, fields)
    draft.drop_point = kind.drop_point(draft.settings, fields)


def _filled(form: type[forms.Form], stored: Data, given: Data) -> dict[str, Any]:
    fields = form.base_fields
    _refuse_unknown(given, fields, f" There are: {', '.join(fields)}.")
    return {**{name: field.initial for name, field in fields.items()}, **stored, **given}


def _refuse_unknown(given: Data, known: Iterable[str], more: str) -> None:
    for name in given:
        if name not in known:
            raise DestinationRefused(str(name), f"“{name}” is not known here.{more}")


def _cleaned(form: forms.Form) -> dict[str, Any]:
    if form.is_valid():
        return form.cleaned_data
    field, messages = next(iter(form.errors.items()))
    raise DestinationRefused("" if field == NON_FIELD_ERRORS else field, str(messages[0]))


def _refuse_other_identifier(before: Destination, draft: Destination) -> None:
    if before.identifier == draft.identifier:
        return
    if campaigns := campaigns_using(before):
        raise DestinationRefused(
            "identifier",
            f"{quoted(campaigns)} send to it by {before.identifier}. Make another destination for {draft.identifier}.",
        )


# What the far side says -----------------------------------------------------------------------------------


def _pin(draft: Destination, result: CheckResult, user: User | None) -> None:
    draft.checked_at = clock.now()
    draft.needs_attention = ""
    if draft.the_kind.has_host_key:
        _accept(draft, result.host_key, user)


def _pin_unseen(draft: Destination, accept: str, user: User | None) -> None:
    wanted = wanted_host_key(draft, accept)
    if draft.the_kind.has_host_key and not wanted:
        raise DestinationRefused(
            "host_key",
            f"Give the host key’s fingerprint: without a connection `{ACCEPT}` has nothing to pin.",
        )
    if wanted:
        _accept(draft, wanted, user)


def _accept(draft: Destination, host_key: str, user: User | None) -> None:
    if draft.host_key != host_key:
        draft.host_key = host_key
        draft.host_key_accepted_by = user
        draft.host_key_accepted_at = clock.now()


def _try_destinations(draft: Credential) -> list[int]:
    """Ids of the enabled destinations that were reached with the login as it is to be."""
    reached = []
    for destination in draft.destinations.enabled():
        destination.credential = draft
        try:
            connect(destination)
        except DestinationRefused as refused:
            raise DestinationRefused(refused.field, _about(destination, refused), refused.steps) from None
        reached.append(destination.pk)
    return reached


def _about(destination: Destination, refused: DestinationRefused) -> str:
    advice = (
        " For another server make a new credential, and choose it in the destination."
        if refused.host_key
        else ""
    )
    return f"“{destination}” cannot be reached with this login. {refused.message}{advice}"


def _carry_to_destinations(credential: Credential, checked: list[int]) -> None:
    for destination in credential.destinations.active():
        destination.credential = credential
        _derive(destination)
        fields = ["account_key", "drop_point"]
        if destination.pk in checked:
            destination.checked_at, destination.needs_attention = clock.now(), ""
            fields += _CHECKED
        destination.save(update_fields=fields)


# Storing --------------------------------------------------------------------------------------------------


def _made_with(model: type[Stored], form_token: UUID | None) -> Stored | None:
    """What an earlier post of the same form made."""
    return model.objects.filter(form_token=form_token).first() if form_token else None


def _made_meanwhile(model: type[Stored], form_token: UUID | None, name: str) -> Stored:
    if made := _made_with(model, form_token):
        return made
    raise DestinationRefused("name", _taken(name))


def _store(
    before: Stored | None,
    draft: Stored,
    user: User | None,
    version: int | None,
    form_token: UUID | None,
    fields: tuple[str, ...],
) -> Stored:
    draft.updated_at = clock.now()
    if before is None:
        draft.form_token = form_token
        draft.save()
        record(user, "added", draft)
        return draft
    model = type(before)
    stored = model.objects.select_for_update().filter(pk=before.pk, archived_at=None).first()
    if stored is None:
        raise DestinationRefused("", f"“{before}” was deleted meanwhile.")
    _refuse_stale(stored, version)
    draft.version = stored.version + 1
    draft.save(update_fields=fields)
    record(user, "changed", draft, changed=_changes(before, draft, fields))
    return draft


def _changes(before: Stored, draft: Stored, fields: tuple[str, ...]) -> list[str]:
    """Names alone: values may be secret."""
    unsaid = {"version", "updated_at", *_CHECKED}
    return [name for name in fields if name not in unsaid and getattr(before, name) != getattr(draft, name)]


def _refuse_stale(stored: Stored | None, version: int | None) -> None:
    if stored is None or version is None or stored.version == version:
        return
    event = Event.objects.filter(object_type=stored._meta.model_name, object_id=str(stored.pk)).first()
    who = event.actor.display_name if event and event.actor else "Somebody else"
    raise EditedMeanwhile(f"{who} changed “{stored}” while you edited it.")


def _refuse_changed_credential(draft: Destination) -> None:
    """The login that was tried has to be the one that is stored."""
    stored = Credential.objects.select_for_update().filter(pk=draft.credential_id, archived_at=None).first()
    if stored is None or stored.version != draft.credential.version:
        raise DestinationRefused("credential", "The credential was changed meanwhile. Save again.")
