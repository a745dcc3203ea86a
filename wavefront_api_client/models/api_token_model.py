"""The model `ApiTokenModel`: what the administrator sees of a token; see also `UserApiToken`."""

from __future__ import annotations

from datetime import datetime

from wavefront_api_client._core.wire import moment
from wavefront_api_client.models._base import Field, Model
from wavefront_api_client.models.user_api_token import ACCOUNT_TYPES


class ApiTokenModel(Model):
    """An API token as the customer's administrator sees it."""

    account: Field[str] = Field(str, doc="Account that the token belongs to.")
    account_type: Field[str] = Field(
        str, "accountType", allowed=ACCOUNT_TYPES, doc="Kind of that account."
    )
    created_epoch_millis: Field[int] = Field(
        int, "createdEpochMillis", doc="When the record was created, in epoch milliseconds."
    )
    customer: Field[str] = Field(str, doc="Customer that the account belongs to.")
    date_generated: Field[int] = Field(
        int, "dateGenerated", doc="When the token was created, in epoch milliseconds."
    )
    id: Field[str] = Field(str, secret=True, doc="The token itself: it is the credential.")
    last_used: Field[int] = Field(
        int, "lastUsed", doc="When the token was last used, in epoch milliseconds; 0 if never."
    )
    name: Field[str] = Field(str, doc="Name given to the token.")

    @property
    def created_at(self) -> datetime | None:
        """`created_epoch_millis` as a date, in UTC; None if the service does not say."""
        return moment(self.created_epoch_millis)

    @property
    def date_generated_at(self) -> datetime | None:
        """`date_generated` as a date, in UTC; None if the service does not say."""
        return moment(self.date_generated)

    @property
    def last_used_at(self) -> datetime | None:
        """`last_used` as a date, in UTC; None if never, or if the service does not say."""
        return moment(self.last_used)
