"""No token is in what a rotation leaves anywhere: logs, errors, files, arguments, results."""

from __future__ import annotations

import logging
import os
import traceback
from contextlib import suppress
from datetime import timedelta

import pytest

from wavefront_api_client import ApiClient, ApiConnectionException, ApiException, ApiTokenApi
from wavefront_api_client.rest import RESTClientObject
from wavefront_api_client.tokens import (
    FileSink,
    TokenOperationError,
    WantedToken,
    apply,
    audit,
    finish,
    mint,
    plan_revocation,
    revoke,
    rotate,
)

CANARY = "8f3b2c1d-5e4f-4a6b-9c7d-canary00898d"


def shown(error):
    """An error as logs and error reporters show it, with what each frame held."""
    told = traceback.TracebackException(
        type(error), error, error.__traceback__, capture_locals=True
    )
    parts = [str(error), repr(error)]
    while told is not None:
        frames = [each for each in told.stack if each.filename != __file__]
        parts += [str(each.locals) for each in frames]
        told = told.__cause__ or told.__context__
    return "\n".join(parts)


class Watch:
    """Whatever can be seen of the operations, and the tokens that there have ever been."""

    def __init__(self, server, accounts, folder):
        self.server, self.accounts, self.folder = server, accounts, folder
        self.tokens, self.seen = {CANARY}, []

    def look(self):
        for account in self.accounts:
            self.tokens.update(token.token_id for token in account.tokens)
        for path in self.folder.rglob("*"):
            self.seen.append(str(path))
            if path.is_file() and path.parent.name == "wavefront-tokens":
                self.seen.append(path.read_text())

    def check(self):
        self.look()
        text = "\n".join(self.seen)
        assert len(text) > 1000
        found = [line for line in text.splitlines() for token in self.tokens if token[:-4] in line]
        assert [line[:200] for line in found] == []


def break_at(monkeypatch, step, watch):
    request, count = RESTClientObject.request, [0]

    def carry(client, *args, **kwargs):
        count[0] += 1
        watch.look()
        if count[0] == step:
            raise ApiConnectionException(0, "the connection was reset")
        return request(client, *args, **kwargs)

    monkeypatch.setattr(RESTClientObject, "request", carry)
    return count


@pytest.mark.parametrize("kind", ["service account", "own key"])
def test_no_token_is_to_be_seen(kind, server, world, tmp_path, monkeypatch, caplog):
    caplog.set_level(logging.DEBUG)
    if kind == "own key":
        account, owner = server.add_user("jane@example.com", tokens=[CANARY]), None
    else:
        account, owner = server.add_service_account("sa::ci", tokens=[CANARY]), "sa::ci"
    with ApiClient(server.configuration()) as client:
        body = {"tokenID": CANARY, "tokenName": "ci"}
        if owner is None:
            client.configuration.api_key = CANARY
            ApiTokenApi(client).update_token_name(CANARY, body=body)
        else:
            ApiTokenApi(client).update_token_name_service_account(owner, CANARY, body=body)
    watch = Watch(server, [server.user, account], tmp_path)
    sink, third = FileSink(tmp_path / "key"), FileSink(tmp_path / "third")
    step, ended = 0, False
    configuration = server.configuration(account if owner is None else server.user)
    while not ended:
        step += 1
        with monkeypatch.context() as patch, ApiClient(configuration) as client:
            count, api = break_at(patch, step, watch), ApiTokenApi(client)
            try:
                minted = mint(api, "other", account=owner, if_absent=True)
                watch.seen += [repr(minted), str(minted.token)]
                result = rotate(api, "ci", account=owner, sink=sink, grace=timedelta(0))
                watch.seen.append(repr(result))
                (change,) = apply(api, [WantedToken("third", third, owner, older_than="0h")])
                watch.seen += [repr(change), shown(change.error) if change.error else ""]
                ended = count[0] < step
            except (ApiException, TokenOperationError) as error:
                watch.seen.append(shown(error))
            watch.seen += [repr(configuration), repr(api.api_client), repr(vars(sink))]
    watch.seen += [record.getMessage() for record in caplog.records]
    watch.seen += [str(vars(record)) for record in caplog.records]
    assert step >= 8
    watch.check()


def test_refusals_show_none(server, world, tmp_path):
    account = server.add_service_account("sa::ci", tokens=[CANARY])
    watch = Watch(server, [server.user, account], tmp_path)
    server.add_token(account, "ci")
    server.add_token(account, "ci")
    for _ in range(2):
        server.add_token(account, "x ~old-00000000-20200101T0000Z")
    with ApiClient(server.configuration()) as client:
        api, sink = ApiTokenApi(client), FileSink(tmp_path / "key")
        for ref in ("ci", "x", "nobody"):
            for run in (rotate, finish):
                with pytest.raises(TokenOperationError) as caught:
                    run(api, ref, account="sa::ci", sink=sink)
                watch.seen.append(shown(caught.value))
                watch.seen.append(repr(caught.value.tokens))
        report = audit(api)
        watch.seen += [report.to_json(), report.to_csv(), report.to_html(), repr(report)]
        plan = plan_revocation(report, "never-used")
        watch.seen += [repr(plan), repr(revoke(api, plan))]
    watch.check()


def test_the_search_finds_what_is_shown(server, tmp_path):
    def fail(token):
        raise ValueError("x" * 1000)

    watch = Watch(server, [], tmp_path)
    with suppress(ValueError):
        fail(CANARY)
    try:
        fail(CANARY)
    except ValueError as error:
        told = traceback.TracebackException.from_exception(error, capture_locals=True)
        watch.seen.append("".join(told.format()))
    with pytest.raises(AssertionError):
        watch.check()
    assert CANARY not in str(os.environ)
