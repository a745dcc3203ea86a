"""Files that say which tokens there were before one was made that had no name to be known by."""

from __future__ import annotations

import json
import os
from datetime import datetime, timedelta, timezone
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from wavefront_api_client.tokens import _clock
from wavefront_api_client.tokens._marks import parse

if TYPE_CHECKING:
    from collections.abc import Iterable

    from wavefront_api_client.tokens._token import TokenInfo

_LONG_AGO = datetime.min.replace(tzinfo=timezone.utc)

LIFETIME = timedelta(hours=1)
"""A token that was made earlier or later than that is not the one that a record is about."""


class Record(NamedTuple):
    """What was known when a token was about to be made."""

    path: Path
    name: str
    """What it was to be called."""
    handles: frozenset[str]
    """Those of the tokens that there were."""
    written: datetime

    def explains(self, token: TokenInfo) -> bool:
        """Whether a token may be the one that was made: new, without a name, never used."""
        if token.handle in self.handles or not self.is_near(token.created):
            return False
        return token.name == self.name or not (token.name or token.last_used)

    def is_near(self, moment: datetime | None) -> bool:
        """Whether something may have been about the time of the record."""
        return moment is None or abs(moment - self.written) <= LIFETIME

    def remove(self) -> None:
        """Forget it."""
        self.path.unlink(missing_ok=True)


def folder() -> Path:
    """Where records are: ``wavefront-tokens`` in the user's folder for states."""
    given = os.environ.get("XDG_STATE_HOME", "")
    base = Path(given) if os.path.isabs(given) else Path.home() / ".local" / "state"
    return base / "wavefront-tokens"


def keep(owner: str, name: str, tokens: Iterable[TokenInfo]) -> Record:
    """Write a record, for the user alone, to the disk.

    :param owner: the instance and the account there.
    :param name: what the token is to be called.
    :param tokens: all that the account holds.
    :raises OSError: it cannot be written.
    """
    handles = sorted(token.handle for token in tokens)
    now = _clock.now()
    path = folder() / f"{_key(owner, name)}-{_clock.word()}.json"
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    text = json.dumps({"name": name, "handles": handles, "written": now.isoformat()})
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    return Record(path, name, frozenset(handles), now)


def kept(owner: str, name: str) -> list[Record]:
    """The records of runs that did not end; those that can be of no use any more are removed."""
    found = [_read(path) for path in folder().glob(f"{_key(owner, name)}-*.json")]
    now = _clock.now()
    for record in found:
        if not record.is_near(now):
            record.remove()
    return [record for record in found if record.is_near(now)]


def _key(owner: str, name: str) -> str:
    return sha256(f"{owner}\n{parse(name).name}".encode()).hexdigest()[:16]


def _read(path: Path) -> Record:
    """A record; one that was cut off while it was written is one of long ago."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        written = datetime.fromisoformat(found["written"])
        return Record(path, found["name"], frozenset(found["handles"]), written)
    except (OSError, ValueError, LookupError, TypeError):
        return Record(path, "", frozenset(), _LONG_AGO)
