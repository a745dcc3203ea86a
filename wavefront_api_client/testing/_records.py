"""What has been asked of the service, kept for assertions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ._routes import masked

if TYPE_CHECKING:
    from ._messages import Headers


@dataclass(frozen=True, repr=False)
class RecordedRequest:
    """A request as it arrived, and how it ended.

    As text it is one line, such as "GET /api/v2/apitoken 200 admin@example.com". Neither that nor
    its `repr` shows a token; its attributes do.
    """

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
            f"RecordedRequest(method={self.method!r}, path={masked(self.path)!r}, "
            f"body=<{len(self.body)} bytes>, status={self.status}, account={self.account!r})"
        )

    def __str__(self) -> str:
        return f"{self.method} {masked(self.path)} {self.status} {self.account or '-'}"
