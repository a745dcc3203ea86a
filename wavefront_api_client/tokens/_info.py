"""TokenInfo: what the service says of a token, in one shape for both of its models."""

from __future__ import annotations

from copy import copy
from typing import TYPE_CHECKING

from wavefront_api_client.models import ApiTokenModel
from wavefront_api_client.tokens._secret import Secret, handle_of

if TYPE_CHECKING:
    from datetime import datetime
    from typing import NoReturn

    from wavefront_api_client.models import UserApiToken


class TokenInfo:
    """A token as a listing shows it.

    Like its `Secret`, it cannot be pickled.

    :param model: a `UserApiToken` or an `ApiTokenModel`.
    """

    __slots__ = ("_model",)

    def __init__(self, model: UserApiToken | ApiTokenModel) -> None:
        self._model = model

    @property
    def secret(self) -> Secret:
        """The token itself.

        :raises ValueError: the service did not say it.
        """
        return Secret(self._token or "")

    @property
    def handle(self) -> str:
        """What may be shown in place of the token: the first 10 hex digits of its SHA-256."""
        return handle_of(self._token or "")

    @property
    def name(self) -> str:
        """The name of the token, "" if it has none."""
        model = self._model
        return _text(model.name if isinstance(model, ApiTokenModel) else model.token_name)

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
        if isinstance(model, ApiTokenModel):
            return model.created_at or model.date_generated_at
        return model.date_generated_at

    @property
    def last_used(self) -> datetime | None:
        """When it was last used, in UTC; None if never, or unknown."""
        return self._model.last_used_at

    @property
    def is_known(self) -> bool:
        """Whether the service said the token itself."""
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
        return f"<TokenInfo {self.handle} {self.name!r} of {self.account!r}>"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a token cannot be pickled: pass its handle")


def _text(value: object) -> str:
    # What the service should send is text, and a listing stays whole if it is not.
    return "" if value is None else str(value)


def renamed(info: TokenInfo, name: str) -> TokenInfo:
    """A token as it is after it was given another name."""
    model = copy(info._model)
    if isinstance(model, ApiTokenModel):
        model.name = name
    else:
        model.token_name = name
    return TokenInfo(model)
