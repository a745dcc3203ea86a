"""The life of API tokens, in all eleven calls: list, create, rename, look up, revoke, delete.

Without settings it starts the embedded service and runs against that. To run it against an
instance, set three environment variables:

    WAVEFRONT_URL              the instance (or WAVEFRONT_ENDPOINT, or WAVEFRONT_ADDRESS)
    WAVEFRONT_TOKEN            a token of a user who may manage API tokens and accounts; for VMware
                               Cloud services CSP_API_TOKEN, or CSP_APP_ID and CSP_APP_SECRET,
                               of a user or an app with the service role Admin
    WAVEFRONT_SERVICE_ACCOUNT  id of a service account that two tokens may be made for

It removes every token that it made, also after an error or Ctrl-C, and touches no other. There is
one exception: if the answer to `create_token` gets lost, the new token cannot be told from one that
was made for you at the same time, so it says which are new and deletes none of them. An instance of
VMware Cloud services makes no tokens for users: there it makes the other eight calls.
Exit status: 0 if every step succeeded, 1 if one failed or a token was left behind, 2 if a setting
is missing, 130 after Ctrl-C.
"""

from __future__ import annotations

import os
import secrets
import signal
import sys
from contextlib import ExitStack
from functools import partial

from wavefront_api_client import ApiClient, ApiException, ApiTokenApi, Configuration, UserApiToken
from wavefront_api_client.masking import mask_token
from wavefront_api_client.testing import TokenServer

ADDRESSES = ("WAVEFRONT_URL", "WAVEFRONT_ENDPOINT", "WAVEFRONT_ADDRESS")
ROBOT = "WAVEFRONT_SERVICE_ACCOUNT"
KEYS = ("WAVEFRONT_TOKEN", "CSP_API_TOKEN", "CSP_APP_ID")
NAME = f"token_lifecycle {secrets.token_hex(4)}"


class StepError(Exception):
    """A step did not do what it says."""


def check(fact: object, otherwise: str) -> None:
    """Stop the story unless something is as it should be."""
    if not fact:
        raise StepError(otherwise)


def say(call: str, sentence: str) -> None:
    """Print one line of the story."""
    print(f"{call:<36}{sentence}", flush=True)


def response_of(answer):
    """What an answer holds, once its status is OK."""
    check(answer.status.result == "OK", f"the service answered {answer.status.message!r}")
    return answer.response


class Account:
    """The tokens of an account, and which of them this run has made."""

    def __init__(self, list_tokens, create, delete, name=None):
        self._list, self._create, self._delete, self._name = list_tokens, create, delete, name
        self._made = []
        self._before = None

    def tokens(self):
        """Its tokens by their ids, as the service lists them now."""
        return {token.token_id: token for token in response_of(self._list()) or ()}

    def create(self):
        """Make a token: the last of the list that comes back, and new in it."""
        self._before = self.tokens()
        newest = response_of(self._create())[-1].token_id
        check(newest not in self._before, "the last token of the list is not a new one")
        check(newest in self.tokens(), "the new token is not listed")
        self._made.append(newest)
        self._before = None
        return newest

    def delete(self, token):
        """Delete a token, and see that it is gone."""
        self._delete(token)
        check(token not in self.tokens(), f"{mask_token(token)} is still there")

    def clean_up(self):
        """Delete what this run made and has not deleted yet, and say what it may have made."""
        if not self._made and self._before is None:
            return
        mine, doubtful = self._leftovers(self.tokens())
        if doubtful:
            shown = ", ".join(map(mask_token, doubtful))
            complain(f"The token made last may be left over, or was never made: look at {shown}.")
        with ExitStack() as deletions:  # One that fails does not keep the others from being tried.
            for token in mine:
                say("(cleaning up)", f"deleting {mask_token(token)}")
                deletions.callback(self.delete, token)

    def _leftovers(self, present):
        mine = [token for token in self._made if token in present]
        if self._before is None:
            return mine, []
        # A creation was cut off before its answer came. Its token is known by its name alone.
        new = [token for token in present if token not in {*self._before, *self._made}]
        if self._name is None:
            return mine, new
        return mine + [token for token in new if present[token].token_name == self._name], []


def make_mine(api, me):
    """A token of your own, with a name."""
    mine = me.create()
    say("create_token", f"a new token for you: {mask_token(mine)}")

    api.update_token_name(mine, body=UserApiToken(token_id=mine, token_name=NAME))
    check(me.tokens()[mine].token_name == NAME, "the name has not changed")
    say("update_token_name", f"{mask_token(mine)} is now called {NAME!r}")
    return mine


def tell_story(api, me, robot, robot_id, is_original):
    """All the calls that there are; each is checked by reading back what it did."""
    say("get_all_tokens", f"you hold {len(me.tokens())} of at most 20 tokens")
    mine = {make_mine(api, me)} if is_original else set()

    old, leaked = robot.create(), robot.create()
    check(robot.tokens()[old].token_name == NAME, "the token was not made under its name")
    say(
        "generate_token_service_account",
        f"two for {robot_id}: {mask_token(old)} and {mask_token(leaked)}",
    )

    new_name = f"{NAME}, leaked"
    api.update_token_name_service_account(robot_id, leaked, body={"tokenName": new_name})
    check(robot.tokens()[leaked].token_name == new_name, "the name has not changed")
    say("update_token_name_service_account", f"{mask_token(leaked)} is now called {new_name!r}")

    check({old, leaked} <= set(robot.tokens()), "the list lacks the new tokens")
    say("get_tokens_service_account", f"{robot_id} holds {len(robot.tokens())} tokens")

    everyone = response_of(api.get_customer_tokens())
    check({*mine, old, leaked} <= {token.id for token in everyone}, "the list lacks new tokens")
    accounts = {token.account for token in everyone}
    say("get_customer_tokens", f"{len(everyone)} tokens in {len(accounts)} accounts in all")

    found = response_of(api.get_customer_token(leaked))
    check((found.id, found.name) == (leaked, new_name), "another token came back")
    say("get_customer_token", f"{mask_token(leaked)} belongs to {found.account}")

    api.delete_customer_token(body=UserApiToken(token_id=leaked))
    check(leaked not in robot.tokens(), f"{mask_token(leaked)} is still there")
    say("delete_customer_token", f"{mask_token(leaked)} is revoked")

    robot.delete(old)
    say("delete_token_service_account", f"{mask_token(old)} is deleted")

    for token in mine:
        me.delete(token)
        say("delete_token", f"{mask_token(token)} is deleted")


def run(configuration, robot_id):
    """Tell the story to an instance, and leave nothing behind there."""
    with ApiClient(configuration) as client, ExitStack() as cleanup:
        api = ApiTokenApi(client)
        me = Account(api.get_all_tokens, api.create_token, api.delete_token)
        robot = Account(
            partial(api.get_tokens_service_account, robot_id),
            partial(api.generate_token_service_account, robot_id, body={"tokenName": NAME}),
            partial(api.delete_token_service_account, robot_id),
            NAME,
        )
        cleanup.callback(me.clean_up)
        cleanup.callback(robot.clean_up)
        is_original = configuration.credentials_for(configuration.host) is None
        tell_story(api, me, robot, robot_id, is_original)
    say("done", "every step did what it says, and nothing is left behind")


def run_embedded():
    """Start a service of our own, with a few accounts in it, and tell the story to that."""
    with TokenServer() as server:
        server.add_user("jane@example.com", tokens=2)
        robot = server.add_service_account("sa::ci", tokens=1)
        say("(embedded service)", server.url)
        run(server.configuration(), robot.id)


def missing_settings():
    """The variables that are missing to run against an instance; None if none is set."""
    address = any(os.environ.get(name) for name in ADDRESSES)
    key = any(os.environ.get(name) for name in KEYS)
    if not address and not key:
        return None
    missing = [] if address else [ADDRESSES[0]]
    missing += [] if key else [KEYS[0]]
    return missing + ([] if os.environ.get(ROBOT) else [ROBOT])


def complain(sentence):
    """Say why the exit status is not 0."""
    print(sentence, file=sys.stderr)


def main():
    """Choose where to run, and turn what happens into an exit status."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    missing = missing_settings()
    if missing:
        complain(f"Set {' and '.join(missing)} too, or none of these for the embedded service.")
        return 2
    try:
        if missing is None:
            run_embedded()
        else:
            run(Configuration(), os.environ[ROBOT])
    except (ApiException, StepError, ValueError) as error:
        complain(f"This did not work: {error}")
        return 1
    except KeyboardInterrupt:
        complain("Interrupted.")
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
