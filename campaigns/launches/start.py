"""Starting a launch or a test: checked, frozen and stored; a worker does the rest."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction

from campaigns.launches.freeze import freeze
from campaigns.launches.frozen import Frozen
from campaigns.launches.jobs import wake
from campaigns.launches.models import LAUNCH_UNFINISHED, Launch, Purpose
from campaigns.planning.draft import draft_of, validate
from campaigns.planning.models import Campaign
from config.accounts.models import User
from config.audit.models import record
from destinations.models import Destination

MOST_TEST_RECORDS = 1000


class CannotLaunch(Exception):
    """`message` is one sentence that says what to do."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


def launch_campaign(campaign: Campaign, user: User | None, *, form_token: UUID | None = None) -> Launch:
    """Store a launch. The same form token again gives the launch that it started. Raises CannotLaunch."""
    return _store(Launch(campaign=campaign, started_by=user, form_token=form_token), user)


def test_campaign(
    campaign: Campaign,
    user: User | None,
    size: int,
    *,
    to_destination: bool,
    form_token: UUID | None = None,  # noqa: PT028 — no test of ours
) -> Launch:
    """Store a test of `size` records of each treated group. Raises CannotLaunch."""
    if not 1 <= size <= MOST_TEST_RECORDS:
        raise CannotLaunch(f"A test has 1 to {MOST_TEST_RECORDS:,} records of each group.")
    launch = Launch(
        campaign=campaign,
        purpose=Purpose.TEST,
        test_size=size,
        test_to_destination=to_destination,
        started_by=user,
        form_token=form_token,
    )
    return _store(launch, user)


# pytest takes functions of this name for tests wherever they are imported.
test_campaign.__test__ = False  # type: ignore[attr-defined]


def _store(launch: Launch, user: User | None) -> Launch:
    with transaction.atomic():
        # One start at a time, and frozen after the look: the history that is frozen is the newest.
        Campaign.objects.select_for_update().get(pk=launch.campaign_id)
        if launch.form_token and (made := Launch.objects.filter(form_token=launch.form_token).first()):
            return made
        if launch.purpose == Purpose.LAUNCH:
            refuse_a_second(launch.campaign)
        launch.frozen = frozen_to_launch(launch.campaign, user).to_json()
        launch.save()
        record(user, "launched" if launch.purpose == Purpose.LAUNCH else "tested", launch)
        transaction.on_commit(lambda: wake(launch))
    return launch


def frozen_to_launch(campaign: Campaign, user: User | None) -> Frozen:
    """The campaign frozen, if it may be launched by this person (None: a command). Raises CannotLaunch."""
    campaign = Campaign.objects.select_related("customer_database").get(pk=campaign.pk)
    if campaign.archived_at is not None:
        raise CannotLaunch(f"“{campaign}” is archived. Copy it, and launch the copy.")
    if campaign.customer_database.archived_at is not None:
        raise CannotLaunch(f"The customer database of “{campaign}” was deleted. Choose another one.")
    problems = validate(draft_of(campaign), user).errors
    if problems:
        raise CannotLaunch(f"“{campaign}” cannot be launched. {problems[0].text}")
    frozen = freeze(campaign)
    refuse_unusable(frozen, user)
    return frozen


def refuse_unusable(frozen: Frozen, user: User | None) -> None:
    """A destination that is disabled, or closed to this person. Raises CannotLaunch."""
    wanted = {destination.id: destination for destination in frozen.destinations}
    enabled = Destination.objects.enabled().filter(pk__in=wanted)
    for pk in sorted(set(wanted) - {one.pk for one in enabled}):
        raise CannotLaunch(f"{wanted[pk].name} is disabled. Ask an operator to enable it before you launch.")
    if user is not None:
        allowed = set(Destination.objects.for_user(user).values_list("pk", flat=True))
        if set(wanted) - allowed:
            # Says no name: this person may not know of it.
            raise CannotLaunch(
                "You may not send to a destination of this campaign. Ask an operator to launch it."
            )


def refuse_a_second(campaign: Campaign) -> None:
    """One launch of a campaign at a time. Raises CannotLaunch."""
    running = campaign.launches.filter(purpose=Purpose.LAUNCH, state__in=LAUNCH_UNFINISHED).first()
    if running is not None:
        raise CannotLaunch(
            f"Launch {running.pk} of “{campaign}” is not finished yet. Wait for it, or cancel it first."
        )
