"""The model `UserApiToken`: what its account sees of a token; and the kinds of account."""

from __future__ import annotations

from datetime import datetime

from wavefront_api_client._core.wire import moment
from wavefront_api_client.models._base import Field, Model


class AccountType:
    """The kinds of account: what `account_type` of a token can be.

    They are plain text. A newer service may name others, which a token keeps as they came.
    """

    USER_ACCOUNT = "USER_ACCOUNT"
    SERVICE_ACCOUNT = "SERVICE_ACCOUNT"
    INACTIVE_SERVICE_ACCOUNT = "INACTIVE_SERVICE_ACCOUNT"
    CSP_USER_ACCOUNT = "CSP_USER_ACCOUNT"
    CSP_AUTHORIZED_USER_ACCOUNT = "CSP_AUTHORIZED_USER_ACCOUNT"
    CSP_SERVICE_ACCOUNT = "CSP_SERVICE_ACCOUNT"
    CSP_AUTHORIZED_SERVICE_ACCOUNT = "CSP_AUTHORIZED_SERVICE_ACCOUNT"

    @staticmethod
    def is_service_account(account_type: str | None) -> bool:
        """Whether it is a kind of service account, active or not, also one that is new."""
        return str(account_type).endswith("SERVICE_ACCOUNT")


ACCOUNT_TYPES: tuple[str, ...] = tuple(
    value for name, value in vars(AccountType).items() if name.isupper()
)


class UserApiToken(Model):
    """An API token as its account sees it."""

    account: Field[str] = Field(str, doc="Account that the token belongs to.")
    account_type: Field[str] = Field(
        str, "accountType", allowed=ACCOUNT_TYPES, doc="Kind of that account."
    )
    date_generated: Field[int] = Field(
        int, "dateGenerated", doc="When the token was created, in epoch milliseconds."
    )
    last_used: Field[int] = Field(
        int, "lastUsed", doc="When the token was last used, in epoch milliseconds; 0 if never."
    )
    token_id: Field[str] = Field(
        str, "tokenID", required=True, secret=True, doc="The token itself: it is the credential."
    )
    token_name: Field[str] = Field(str, "tokenName", doc="Name given to the token.")

    @property
    def date_generated_at(self) -> datetime | None:
        """`date_generated` as a date, in UTC; None if the service does not say."""
        return moment(self.date_generated)

    @property
    def last_used_at(self) -> datetime | None:
        """`last_used` as a date, in UTC; None if never, or if the service does not say."""
        return moment(self.last_used)
