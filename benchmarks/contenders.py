"""Who takes part: each client, the environment it lives in and the module that drives it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

CLIENTS = Path(__file__).parent / "clients"


@dataclass(frozen=True)
class Contender:
    """A client that takes part."""

    name: str
    title: str
    environment: str
    module: str
    package: str
    colour: str

    @property
    def script(self) -> Path:
        """The file that, run with a URL, makes one call and ends."""
        return CLIENTS / f"{self.module}.py"


RAW = Contender("raw", "urllib3 + json.loads", "main", "raw", "urllib3", "#8d99ae")
LIMITED = Contender(
    "limited", "urllib3 with the same time limits", "main", "raw_limited", "urllib3", "#8d99ae"
)
REQUESTS = Contender("requests", "requests", "main", "requests_session", "requests", "#e09f3e")
HTTPX = Contender("httpx", "httpx", "main", "httpx_client", "httpx", "#c8553d")
OFFICIAL = Contender(
    "official", "official 2.202.2", "official", "wavefront", "wavefront_api_client", "#a4688f"
)
OURS = Contender("ours", "ours", "main", "wavefront", "wavefront_api_client", "#2a9d8f")
# What is part of every client's figure and cannot be saved; shown below the table.
NOTHING = Contender("nothing", "python -c pass", "main", "", "", "")
CLICK = Contender("click", "python -c 'import click'", "main", "", "click", "")
BARE_CALL = Contender(
    "bare", "a script that prints the same", "main", "listing", OURS.package, OURS.colour
)
BARE_SOCKET = Contender("socket", "a bare socket", "main", "bare_socket", "", "")

CONTENDERS = {one.name: one for one in (RAW, REQUESTS, HTTPX, OFFICIAL, OURS)}
