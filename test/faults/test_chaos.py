"""Point 6: sixteen threads, one client, every fault at random; then the books must agree.

`WAVEFRONT_CHAOS_OPERATIONS=10000` is the full run; `WAVEFRONT_CHAOS_SEED` another course of it.
"""

from __future__ import annotations

import contextlib
import gc
import os
import random
import threading
import time
from dataclasses import dataclass, field
from typing import Any, Callable

from hostile import configuration_for, descriptors, eventually

from wavefront_api_client import ApiClient, ApiException, ApiTokenApi
from wavefront_api_client.exceptions import BadRequestException, ServiceException
from wavefront_api_client.retry import RetryPolicy
from wavefront_api_client.testing import TokenServer

OPERATIONS = int(os.environ.get("WAVEFRONT_CHAOS_OPERATIONS", "600"))
SEED = int(os.environ.get("WAVEFRONT_CHAOS_SEED", "20240229"))
THREADS = 16
FAULT_RATE = 0.35

FAULTS: list[dict[str, Any]] = [
    {"drop": "before"},
    {"drop": "after"},
    {"delay": 0.005},
    {"status": 429},
    {"status": 429, "headers": {"Retry-After": "0"}},
    {"status": 503},
    {"status": 503, "headers": {"Retry-After": "0"}},
    {"status": 502, "body": "<html>Bad Gateway</html>"},
    {"truncate": 0},
    {"truncate": 25},
    {"status": 200, "body": "<html>Please log in</html>"},
    {"redirect": "http://127.0.0.1:9/elsewhere"},
]


@dataclass
class Books:
    """What one caller knows of one account: names each token may have, and what is in doubt."""

    tokens: dict[str, set[str]] = field(default_factory=dict)
    asked_to_delete: set[str] = field(default_factory=set)
    perhaps_created: set[str] = field(default_factory=set)
    certainly_deleted: set[str] = field(default_factory=set)

    def discrepancies(self, stored: dict[str, str]) -> list[str]:
        """Every way in which the state of the service contradicts the books."""
        found = [f"lost: {i}" for i in self.tokens.keys() - stored.keys() - self.asked_to_delete]
        found += [f"not deleted: {i}" for i in stored.keys() & self.certainly_deleted]
        for token_id, name in stored.items():
            if token_id in self.tokens and name not in self.tokens[token_id]:
                found.append(f"named {name}, not {self.tokens[token_id]}")
        strangers = [name for i, name in stored.items() if i not in self.tokens]
        found += [
            f"unknown to its caller: {name}" for name in set(strangers) - self.perhaps_created
        ]
        found += [f"created twice: {name}" for name in strangers if strangers.count(name) > 1]
        return found


class Caller:
    """One thread: it owns a service account, works on it at random, and keeps the books."""

    def __init__(self, number: int, api: ApiTokenApi, server: TokenServer) -> None:
        self.account = f"sa::caller {number}/{number}"
        self.stored = server.add_service_account(self.account)
        self.api = api
        self.server = server
        self.books = Books()
        self.random = random.Random(f"{SEED}-{number}")
        self.number = 0
        self.slowest = 0.0
        self.problems: list[str] = []

    def work(self, operations: int) -> None:
        try:
            for self.number in range(operations):
                if self.random.random() < FAULT_RATE:
                    self.server.inject(**self.random.choice(FAULTS))
                begun = time.monotonic()
                self.step()
                self.slowest = max(self.slowest, time.monotonic() - begun)
        except BaseException as error:
            self.problems.append(f"{self.account}: {error!r}")

    def step(self) -> None:
        deeds: list[Callable[[], None]] = [self.create, self.create, self.list, self.read]
        if self.books.tokens:
            deeds += [self.rename, self.delete, self.revoke]
        self.random.choice(deeds)()

    def create(self) -> None:
        if len(self.stored.tokens) >= 18:
            return self.clear_out()
        name = f"{self.account} {self.number}"
        try:
            answer = self.api.generate_token_service_account(self.account, body={"tokenName": name})
        except ApiException as error:
            if error.outcome_unknown:
                self.books.perhaps_created.add(name)
            return None
        self.books.tokens[answer.response[-1].token_id] = {name}
        if answer.response[-1].token_name != name:
            self.problems.append("the last of the list is not the new one")
        return None

    def clear_out(self) -> None:
        """Make room: look up what there is, and delete strangers, too."""
        with contextlib.suppress(ApiException):
            answer = self.api.get_tokens_service_account(self.account)
            self.compare({token.token_id: token.token_name for token in answer.response})
            for token in answer.response[:10]:
                self.books.tokens.setdefault(token.token_id, {token.token_name})
                self.remove(token.token_id, self.delete_call)

    def rename(self) -> None:
        token_id, name = self.pick(), f"{self.account} {self.number}"
        self.books.tokens[token_id].add(name)
        with contextlib.suppress(ApiException):
            self.api.update_token_name_service_account(
                self.account, token_id, body={"tokenID": token_id, "tokenName": name}
            )
            self.books.tokens[token_id] = {name}

    def delete(self) -> None:
        self.remove(self.pick(), self.delete_call)

    def revoke(self) -> None:
        self.remove(self.pick(), lambda i: self.api.delete_customer_token(body={"tokenID": i}))

    def delete_call(self, token_id: str) -> object:
        return self.api.delete_token_service_account(self.account, token_id)

    def remove(self, token_id: str, call: Callable[[str], object]) -> None:
        self.books.asked_to_delete.add(token_id)
        try:
            call(token_id)
        except ApiException:
            return
        self.books.certainly_deleted.add(token_id)
        self.books.tokens.pop(token_id, None)

    def pick(self) -> str:
        return self.random.choice(sorted(self.books.tokens))

    def list(self) -> None:
        with contextlib.suppress(ApiException):
            answer = self.api.get_tokens_service_account(self.account)
            self.compare({token.token_id: token.token_name for token in answer.response})

    def read(self) -> None:
        token_id = self.pick() if self.books.tokens else "no-such-token"
        with contextlib.suppress(ApiException):
            answer = self.api.get_customer_token(token_id)
            if answer.response.id != token_id:
                self.problems.append("the answer belongs to another request")

    def compare(self, stored: dict[str, str]) -> None:
        self.problems += [f"{self.account}: {each}" for each in self.books.discrepancies(stored)]


def test_chaos():
    gc.collect()
    with TokenServer() as server:
        before = threading.active_count(), descriptors()
        key = server.user.key
        client = ApiClient(
            configuration_for(
                server.url,
                api_key={"X-AUTH-TOKEN": key},
                retries=RetryPolicy(retries=4, backoff=0.002),
                request_timeout=10,
            )
        )
        callers = [Caller(n, ApiTokenApi(client), server) for n in range(THREADS)]
        run_all(callers)
        client.close()
        assert eventually(lambda: (threading.active_count(), descriptors()) == before)
        for caller in callers:
            caller.compare({token.token_id: token.token_name for token in caller.stored.tokens})
        assert [problem for caller in callers for problem in caller.problems] == []
        assert [token.token_id for token in server.user.tokens] == [key], (
            "nobody touched the user's"
        )
        assert max(caller.slowest for caller in callers) < 10
        check_that_it_was_chaos(server, callers)


def run_all(callers: list[Caller]) -> None:
    threads = [
        threading.Thread(target=caller.work, args=(OPERATIONS // THREADS,), daemon=True)
        for caller in callers
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not any(thread.is_alive() for thread in threads), "a call hangs"


def check_that_it_was_chaos(server: TokenServer, callers: list[Caller]) -> None:
    """The run would prove nothing if nothing had happened."""
    statuses = {request.status for request in server.requests}
    assert {0, 200, 307, 429, 502, 503} <= statuses
    assert sum(len(caller.books.certainly_deleted) for caller in callers) > OPERATIONS / 20
    assert sum(len(caller.books.perhaps_created) for caller in callers) > 0


def test_the_books_notice():
    """The comparison itself: it finds what it must."""
    books = Books({"a": {"x"}}, {"b"}, {"maybe"})
    books.certainly_deleted.add("b")
    assert books.discrepancies({"a": "x", "c": "maybe"}) == []
    assert books.discrepancies({}) == ["lost: a"]
    assert books.discrepancies({"a": "y"}) == ["named y, not {'x'}"]
    assert books.discrepancies({"a": "x", "b": "x"})[0] == "not deleted: b"
    assert books.discrepancies({"a": "x", "d": "y"}) == ["unknown to its caller: y"]
    assert books.discrepancies({"a": "x", "d": "maybe", "e": "maybe"})[0] == "created twice: maybe"


def test_the_users_own_tokens_survive_a_storm():
    """`create_token` names nothing: as many strangers as unknown outcomes, not one more."""
    chance = random.Random(SEED)
    with TokenServer() as server:
        configuration = configuration_for(server.url, api_key={"X-AUTH-TOKEN": server.user.key})
        known, doubts = {server.user.key}, 0
        with ApiClient(configuration) as client:
            api = ApiTokenApi(client)
            for _ in range(150):
                if len(server.user.tokens) > 15:
                    for token in server.user.tokens[1:]:
                        with contextlib.suppress(ApiException):
                            api.delete_token(token.token_id)
                    known, doubts = {token.token_id for token in server.user.tokens}, 0
                server.inject(**chance.choice(FAULTS))
                try:
                    known.add(api.create_token().response[-1].token_id)
                except ApiException as error:
                    assert error.outcome_unknown or not isinstance(error, ServiceException)
                    assert not isinstance(error, BadRequestException)
                    doubts += error.outcome_unknown
                stored = {token.token_id for token in server.user.tokens}
                assert known <= stored
                assert len(stored - known) <= doubts
