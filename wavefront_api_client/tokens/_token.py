"""A token as a value: `Secret`, its handle, and `TokenInfo`, the token in a listing."""

from __future__ import annotations

import hmac
import re
from copy import copy
from datetime import datetime, timezone
from hashlib import sha256
from typing import TYPE_CHECKING

from wavefront_api_client.masking import mask_token
from wavefront_api_client.models import ApiTokenModel

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any, NoReturn

    from wavefront_api_client.models import UserApiToken

HANDLE_DIGITS = 10
SHORTEST_PREFIX = 6
"""Digits of a handle that are enough to name a token, if they are unique."""

SHORTEST_TOKEN = 32
"""Characters of a UUID without its dashes."""

LONG_AGO = datetime(1970, 1, 1, tzinfo=timezone.utc)
"""An unknown date."""

TOKEN = re.compile("[0-9a-f]{8}(-?[0-9a-f]{4}){3}-?[0-9a-f]{12}", re.IGNORECASE)
"""The format of a token, with or without dashes."""


class Secret:
    """A token as a value: printed, logged or formatted, it is ``***`` and its last characters.

    It cannot be pickled, so that it does not leave the process by mistake.

    :param text: the token.
    :raises ValueError: it is empty.
    """

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        if not text:
            raise ValueError("a token cannot be empty")
        self._text = text

    def reveal(self) -> str:
        """The token itself: it is the credential."""
        return self._text

    @property
    def handle(self) -> str:
        """The first 10 hex digits of its SHA-256, which may be shown."""
        return handle_of(self._text)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Secret):
            return NotImplemented
        return hmac.compare_digest(_compared(self._text), _compared(other._text))

    def __hash__(self) -> int:
        return hash((Secret, _compared(self._text)))

    def __repr__(self) -> str:
        return mask_token(self._text)

    def __copy__(self) -> Secret:
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> Secret:
        return self

    def __reduce__(self) -> NoReturn:
        raise TypeError("a secret cannot be pickled: pass its handle, or reveal() it")


def handle_of(token: str) -> str:
    """The handle of a token.

    :param token: the token itself.
    :return: the first 10 hex digits of the SHA-256 of its UTF-8 text, in lower case for a UUID.
    """
    return sha256(_compared(token)).hexdigest()[:HANDLE_DIGITS]


def _compared(token: str) -> bytes:
    """The form in which tokens are compared: a UUID in lower case."""
    lower = token.lower()
    # Most are in lower case already.
    same = lower if lower != token and TOKEN.fullmatch(token) else token
    return same.encode("utf-8", "surrogatepass")


def is_handle(text: str) -> bool:
    """Whether a text can be a handle, the beginning of one, or the whole SHA-256."""
    return len(text) >= SHORTEST_PREFIX and not set(text.lower()) - set("0123456789abcdef")


def quoted(name: str) -> str:
    """A name in quotes as a message shows it; if a token was pasted there, it is masked."""
    return repr(shown(name))


def shown(text: str) -> str:
    """A text as it may be shown: without tokens, and with escapes for what UTF-8 cannot hold."""
    if len(text) < SHORTEST_TOKEN and text.isascii():
        return text
    text = text.encode("utf-8", "backslashreplace").decode()
    return TOKEN.sub(lambda found: mask_token(found[0]), text)


class TokenInfo:
    """A token as a listing shows it.

    Like its `Secret`, it cannot be pickled.

    :param model: a `UserApiToken` or an `ApiTokenModel`.
    :param tells_use: whether the service says of any token of the listing when it was last used.
    """

    __slots__ = ("_model", "_tells_use")

    def __init__(self, model: UserApiToken | ApiTokenModel, tells_use: bool = False) -> None:
        self._model = model
        self._tells_use = tells_use

    @property
    def secret(self) -> Secret:
        """The token itself.

        :raises ValueError: the listing does not have it.
        """
        return Secret(self._token or "")

    @property
    def handle(self) -> str:
        """The first 10 hex digits of the SHA-256 of the token, which may be shown."""
        return handle_of(self._token or "")

    @property
    def name(self) -> str:
        """The name of the token, "" if it has none."""
        model = self._model
        return _text(model.name if isinstance(model, ApiTokenModel) else model.token_name)

    @property
    def shown_name(self) -> str:
        """The name as it may be shown; if a token was pasted there, it is masked."""
        return shown(self.name)

    @property
    def account(self) -> str | None:
        """The account that holds it, None if the service does not say."""
        account = self._model.account
        return None if account is None else _text(account)

    @property
    def account_type(self) -> str | None:
        """The kind of that account, such as "SERVICE_ACCOUNT"."""
        return self._model.account_type

    @property
    def created(self) -> datetime | None:
        """When it was made, in UTC; None if unknown."""
        model = self._model
        made = model.created_at if isinstance(model, ApiTokenModel) else None
        return made or model.date_generated_at

    @property
    def last_used(self) -> datetime | None:
        """When it was last used, in UTC; None if never, or unknown."""
        return self._model.last_used_at

    @property
    def is_unused(self) -> bool:
        """Whether the service says that it was never used; False if that is unknown.

        The last use is 0, or missing although other tokens of the listing have one.
        """
        used = self._model.last_used
        if used is None:
            return self._tells_use
        return used == 0 and not isinstance(used, bool)

    @property
    def is_known(self) -> bool:
        """Whether the listing has the token itself."""
        return bool(self._token)

    @property
    def _token(self) -> str | None:
        model = self._model
        return model.id if isinstance(model, ApiTokenModel) else model.token_id

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, TokenInfo):
            return NotImplemented
        return self._model == other._model

    def __hash__(self) -> int:
        return hash(self._token)

    def __repr__(self) -> str:
        return f"<TokenInfo {self.handle} {self.shown_name!r} of {self.account!r}>"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a token cannot be pickled: pass its handle")


def _text(value: object) -> str:
    # The service should send text; if it does not, the rest of the listing is still of use.
    return "" if value is None else str(value)


def renamed(info: TokenInfo, name: str) -> TokenInfo:
    """A token with another name."""
    model = copy(info._model)
    if isinstance(model, ApiTokenModel):
        model.name = name
    else:
        model.token_name = name
    return TokenInfo(model, info._tells_use)


def listed(tokens: Iterable[TokenInfo]) -> str:
    """Tokens as a message lists them: handle, name and account."""
    shown = [
        f"{token.handle} {token.shown_name!r}" + (f" of {token.account}" if token.account else "")
        for token in tokens
    ]
    return ", ".join(shown) or "none"
