"""The package keyring: what its own backends say of themselves decides."""

from __future__ import annotations

import pytest

from wavefront_api_client.tokens import DeliveryFailed, KeyringSink, Secret

pytest.importorskip("keyring", reason="keyring is not installed")

import keyring
from keyring.backend import KeyringBackend
from keyring.backends import chainer, fail, null

SECRET = Secret("0123456789-canary")


class InMemory(KeyringBackend):
    """Keeps what it is given for as long as the test takes."""

    priority = 5

    def __init__(self):
        super().__init__()
        self.kept = {}

    def get_password(self, service, username):
        return self.kept.get((service, username))

    def set_password(self, service, username, password):
        self.kept[service, username] = password


class PlainText(InMemory):
    priority = 0.5


@pytest.fixture
def use():
    before = keyring.get_keyring()
    yield keyring.set_keyring
    keyring.set_keyring(before)


def test_a_keyring_keeps_a_token(use):
    use(InMemory())
    sink = KeyringSink("wavefront", "ci")
    sink.check()
    assert sink.matches(SECRET) is False
    sink.deliver(SECRET)
    assert sink.matches(SECRET) is True
    assert keyring.get_password("wavefront", "ci") == SECRET.reveal()


@pytest.mark.parametrize("backend", [fail.Keyring, null.Keyring, PlainText])
def test_one_that_does_not_protect_a_token_is_refused(use, backend):
    use(backend())
    sink = KeyringSink("wavefront", "ci")
    for call in (sink.check, lambda: sink.deliver(SECRET)):
        with pytest.raises(DeliveryFailed, match="a keyring that protects a token is needed, not "):
            call()
    assert sink.matches(SECRET) is None


@pytest.mark.parametrize(("parts", "is_safe"), [([InMemory], True), ([InMemory, PlainText], False)])
def test_a_chain_is_as_safe_as_its_weakest_part(use, monkeypatch, parts, is_safe):
    monkeypatch.setattr(chainer.ChainerBackend, "backends", [part() for part in parts])
    use(chainer.ChainerBackend())
    try:
        KeyringSink("wavefront", "ci").check()
        assert is_safe
    except DeliveryFailed:
        assert not is_safe
