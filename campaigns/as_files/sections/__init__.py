"""The sections of a file, in the order in which they are stored: what others name comes first."""

from __future__ import annotations

from typing import Any

from campaigns.as_files.section import Section
from campaigns.as_files.sections.campaigns import Campaigns
from campaigns.as_files.sections.credentials import Credentials
from campaigns.as_files.sections.customer_databases import CustomerDatabases
from campaigns.as_files.sections.destinations import Destinations
from campaigns.as_files.sections.segments import Segments

SECTIONS: dict[str, Section[Any]] = {
    "customer_databases": CustomerDatabases(),
    "credentials": Credentials(),
    "destinations": Destinations(),
    "segments": Segments(),
    "campaigns": Campaigns(),
}
