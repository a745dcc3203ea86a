"""The kinds of account that a token can belong to."""

from __future__ import annotations


class AccountType:
    """The kinds of account: what `account_type` of a token can be.

    They are plain text. A service that is newer than this package may name others, which a token
    keeps as they came.
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
        """Whether it is a kind of service account, active or not.

        :param account_type: of a token; for None, which a service may send, the answer is False.
        :return: True also for a kind that this package does not know, if its name says so.
        """
        return str(account_type).endswith("SERVICE_ACCOUNT")


ACCOUNT_TYPES: tuple[str, ...] = tuple(
    value for name, value in vars(AccountType).items() if name.isupper()
)
