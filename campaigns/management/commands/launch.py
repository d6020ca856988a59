"""Launch a campaign, or test it: `manage.py launch "Spring Sale" --wait --json`."""

from __future__ import annotations

import json
import time
from contextlib import nullcontext
from typing import Any

from django.core.management.base import CommandParser

from campaigns.launches.here import LOOK_SECONDS, finish_here, left_lying
from campaigns.launches.jobs import nobody_woken
from campaigns.launches.models import LAUNCH_UNFINISHED, Launch, LaunchState
from campaigns.launches.report import as_json
from campaigns.launches.start import CannotLaunch, launch_campaign, test_campaign
from campaigns.launches.watching import shown
from campaigns.launches.workers import workers_running
from campaigns.planning.models import Campaign
from config.command import PlainCommand

_GOOD = (LaunchState.DELIVERED, LaunchState.NOTHING_TO_SEND)


class Command(PlainCommand):
    help = "Launch a campaign by its name. Alone it stores the launch for the workers and ends."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("campaign", help="its name")
        how = parser.add_mutually_exclusive_group()
        how.add_argument("--wait", action="store_true", help="follow the workers until it is over")
        how.add_argument("--here", action="store_true", help="do it in this process: no Redis, no worker")
        parser.add_argument(
            "--test", type=int, metavar="N", help="send N records of each treated group under …_TEST instead"
        )
        parser.add_argument("--json", action="store_true", help="print the outcome on the standard output")

    def handle(self, *args: Any, **options: Any) -> None:
        launch = self._started(options)
        if options["here"] or options["wait"]:
            with shown(launch):
                finish_here(launch) if options["here"] else self._wait(launch)
        launch.refresh_from_db()
        if options["json"]:
            self.stdout.write(json.dumps(as_json(launch), indent=2, ensure_ascii=False))
        if (options["here"] or options["wait"]) and launch.state not in _GOOD:
            self.fail(_sentence(launch))
        if not options["json"]:
            self.stderr.write(_sentence(launch))

    def _started(self, options: dict[str, Any]) -> Launch:
        campaign = Campaign.objects.active().filter(name=options["campaign"]).first()
        if campaign is None:
            self.fail(_no_campaign(options["campaign"]))
        size = options["test"]
        if options["here"] and size is None and (lying := left_lying(campaign)):
            return lying
        try:
            with nobody_woken() if options["here"] else nullcontext():
                if size is not None:
                    return test_campaign(campaign, None, size, to_destination=True)
                return launch_campaign(campaign, None)
        except CannotLaunch as error:
            self.fail(error.message)

    def _wait(self, launch: Launch) -> None:
        told = False
        while launch.state in LAUNCH_UNFINISHED:
            if not told and not workers_running():
                self.stderr.write("No worker is running. The launch is stored and goes on when one does.")
                told = True
            time.sleep(LOOK_SECONDS)
            launch.refresh_from_db()


def _no_campaign(name: str) -> str:
    if Campaign.objects.filter(name=name).exists():
        return f"“{name}” is archived. Copy it, and launch the copy."
    return f"There is no campaign “{name}”. Look at its name under Campaigns."


def _sentence(launch: Launch) -> str:
    what = f"{'Launch' if launch.test_size is None else 'Test'} {launch.pk} of “{launch.campaign}”"
    reasons = [launch.error, *launch.deliveries.exclude(error="").values_list("error", flat=True)]
    reason = next((text for text in reasons if text), "")
    return f"{what}: {launch.get_state_display().lower()}. {reason}".strip()
