"""What has been asked of the service, kept for assertions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ._masking import mask
from ._routes import ROUTES

if TYPE_CHECKING:
    from ._messages import Headers

_LITERALS = {part for _, path in ROUTES for part in path.split("/") if not part.startswith("{")}


@dataclass(frozen=True, repr=False)
class RecordedRequest:
    """A request as it arrived, and how it ended. Its `repr` shows no token, its attributes do."""

    method: str
    path: str
    """The target as sent: percent-encoded, with its query."""
    headers: Headers
    """Case-insensitive."""
    body: bytes
    status: int
    """Status of the answer, 0 if there was none."""
    account: str | None
    """Id of the account whose key came with the request, None without a working key."""

    def __repr__(self) -> str:
        return (
            f"RecordedRequest(method={self.method!r}, path={_masked_path(self.path)!r}, "
            f"body=<{len(self.body)} bytes>, status={self.status}, account={self.account!r})"
        )


def _masked_path(path: str) -> str:
    bare, mark, query = path.partition("?")
    shown = "/".join(part if part in _LITERALS else mask(part) for part in bare.split("/"))
    return shown + mark + (mask("") if query else "")
