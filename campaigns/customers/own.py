"""What is Muster's own and so no customer database: its data folder and its database."""

from __future__ import annotations

import socket
from pathlib import Path
from urllib.parse import SplitResult, parse_qs

from django.conf import settings
from django.db import connection

from campaigns.customers.sample_data import FOLDER

OWN = "Muster's own data is no customer database. Enter the URL of where your customers are."
# What Django calls the servers that each of Ibis' engines can talk to, and the port they are at by default.
SERVERS = {
    "postgres": "postgresql",
    "materialize": "postgresql",
    "risingwave": "postgresql",
    "mysql": "mysql",
    "singlestoredb": "mysql",
}
PORTS = {"postgresql": 5432, "mysql": 3306}


def is_own_path(path: Path) -> bool:
    """Whether it leads into the data folder, or to Muster's database, by whatever links."""
    real, own = path.resolve(), Path(settings.DATA_DIR)
    if connection.vendor == "sqlite" and _is_same(real, Path(str(connection.settings_dict["NAME"]))):
        return True
    return _lies_in(real, own) and not _lies_in(real, own / FOLDER)


def _lies_in(path: Path, folder: Path) -> bool:
    return any(_is_same(one, folder) for one in (path, *path.parents))


def _is_same(one: Path, other: Path) -> bool:
    try:
        return one.samefile(other)
    except OSError:
        return one == other.resolve()


def is_own_server(engine: str, url: SplitResult) -> bool:
    """Whether it names the database on a server that Muster itself works with."""
    own = connection.settings_dict
    if SERVERS.get(engine) != connection.vendor:
        return False
    # What Ibis reads from the options goes before the rest of the URL.
    options = {name: values[-1] for name, values in parse_qs(url.query).items()}
    name = options.get("database") or url.path[1:].partition("/")[0] or url.username or ""
    port = int(options.get("port") or url.port or PORTS[connection.vendor])
    if (name, port) != (str(own["NAME"]), int(own.get("PORT") or PORTS[connection.vendor])):
        return False
    hosts = [options.get("hostaddr", ""), *(options.get("host") or url.hostname or "").split(",")]
    found = set().union(*(_addresses(host) for host in hosts if host)) or _addresses("")
    return bool(found & _addresses(own.get("HOST") or ""))


def _addresses(host: str) -> set[str]:
    """Those of a server; one without a name, or reached by the folder of its socket, is this machine."""
    name = "localhost" if not host or "/" in host or "%2f" in host.lower() else host
    try:
        found = {str(address[0]) for *_, address in socket.getaddrinfo(name, None)}
    except OSError:
        return {name.lower()}
    loopback = {"127.0.0.1", "::1"}
    return found | loopback if found & loopback else found
