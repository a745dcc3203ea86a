"""Where a new token goes: a file, a command, a keyring or a stream."""

from __future__ import annotations

import os
import sys
from functools import partial
from typing import TYPE_CHECKING, Protocol

from wavefront_api_client.tokens._atomic import content_of, replace, target_of, try_to_replace
from wavefront_api_client.tokens._formats import DEFAULT_VARIABLE, parse_format
from wavefront_api_client.tokens._token import Secret
from wavefront_api_client.tokens.errors import DeliveryFailed

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import Any, Callable, TextIO

LONGEST_TOKEN = 64
KEY_VARIABLES = (DEFAULT_VARIABLE, "CSP_API_TOKEN", "CSP_APP_SECRET")

__all__ = ["CommandSink", "FileSink", "KeyringSink", "Sink", "StreamSink"]


class Sink(Protocol):
    """A place that keeps a token for the programs that use it."""

    def check(self) -> None:
        """Check that a token could be delivered, before a new one is made.

        :raises DeliveryFailed: it could not.
        """

    def deliver(self, secret: Secret) -> None:
        """Keep a token instead of the old one.

        :raises DeliveryFailed: the old one is kept, or it is unknown which.
        """

    def matches(self, secret: Secret) -> bool | None:
        """Whether it keeps this token; None if it is unknown."""


class FileSink:
    """A file that is replaced as a whole: it always holds the old token or the new one.

    A link stays, and its target is replaced. Owner and attributes of the file, such as an access
    control list, are kept; if that is impossible, the delivery fails.

    :param path: the file, in a folder that exists; a relative path is completed at once.
    :param format: "raw" is the token alone, without a line break; "env:NAME" a line of an env
        file, "env" alone that of ``WAVEFRONT_TOKEN``; "json:KEY" a key of a JSON object, "json"
        alone that of ``token``. Other lines and keys stay.
    :param mode: permissions of the file, but never more than an existing file has.
    :raises ValueError: there is no such format, or the mode lets others read or write, or anybody
        execute.
    """

    def __init__(
        self, path: str | os.PathLike[str], format: str = "raw", mode: int = 0o600
    ) -> None:
        if mode & ~0o660:
            raise ValueError(
                "the mode must not let others read or write a token, or anybody execute it:"
                f" {mode:#o}; use 0o600, or 0o660 for a group"
            )
        self.path: str = os.path.join(os.getcwd(), path)
        self.format = format
        self.mode = mode
        self._format = parse_format(format)

    def check(self) -> None:
        """Check that the file could be replaced, by all steps but the last."""
        content = partial(self._content, Secret("x" * LONGEST_TOKEN))
        _try(self.path, try_to_replace, self.path, content, self.mode)

    def deliver(self, secret: Secret) -> None:
        """Replace the file by one that holds a token; if that fails, it is unchanged."""
        _try(self.path, replace, self.path, partial(self._content, secret), self.mode)

    def matches(self, secret: Secret) -> bool | None:
        """Whether the file holds a token; None if it cannot be read, or is not of its format."""
        try:
            found = self._format.find(content_of(target_of(self.path)))
        except (OSError, ValueError):
            return None
        return found is not None and Secret(found) == secret

    def _content(self, secret: Secret, text: str) -> memoryview:
        # The content is passed as a view: no traceback shows what it holds.
        return memoryview(self._format.put(text, secret.reveal()).encode())

    def __repr__(self) -> str:
        return f"FileSink({self.path!r}, {self.format!r})"


class CommandSink:
    """A command that reads the token from its standard input, without a line break.

    It runs without a shell, in a session of its own, and without a key in its environment. If it
    ends with status 0, it has kept the token, even if it leaves a process running.

    :param argv: the program and its arguments.
    :param timeout: seconds after which it is ended, with its process group; None for no limit.
    :param keys: keys in use: variables that hold one are taken out of its environment, and so are
        ``WAVEFRONT_TOKEN``, ``CSP_API_TOKEN`` and ``CSP_APP_SECRET``.
    :raises TypeError: `argv` is one text.
    :raises ValueError: `argv` is empty.
    """

    confirms = True
    """A delivery without an error proves that it keeps the token: after the grace, a rotation
    delivers again, and then deletes the old token."""

    def __init__(
        self, argv: Sequence[str], *, timeout: float | None = 60, keys: Iterable[str] = ()
    ) -> None:
        if isinstance(argv, (str, bytes)):
            raise TypeError("argv is a list, such as ['kubectl', 'apply'], as no shell takes part")
        if not argv:
            raise ValueError("argv names no program")
        self.argv: tuple[str, ...] = tuple(argv)
        self.timeout = timeout
        self._keys = frozenset(map(Secret, filter(None, keys)))
        self._kept: Secret | None = None

    def check(self) -> None:
        """Check that the program exists and can be executed."""
        from shutil import which

        if which(self.argv[0]) is None:
            raise DeliveryFailed(f"{self.argv[0]}: there is no such program")

    def deliver(self, secret: Secret) -> None:
        """Run the command; if it fails, the error has the end of its standard error, masked."""
        from wavefront_api_client.tokens._command import run

        self._kept = None
        environment = environment_without(key.reveal() for key in self._keys)
        _try(self.argv[0], run, self.argv, secret, self.timeout, environment)
        self._kept = secret

    def matches(self, secret: Secret) -> bool | None:
        """True for the token that this object delivered last; None for any other."""
        return True if secret == self._kept else None

    def hide(self, keys: Iterable[str]) -> None:
        """Have the command find no variables with these keys, either."""
        self._keys |= frozenset(map(Secret, filter(None, keys)))

    def accepts(self, secret: Secret) -> bool:
        """Whether the command ends with status 0 for a token: for the `verify` of `rotate`."""
        try:
            self.deliver(secret)
        except DeliveryFailed:
            return False
        return True

    def __repr__(self) -> str:
        return f"CommandSink({self.argv[0]!r}, ...)"


class KeyringSink:
    """The system's keyring; needs ``pip install 'wavefront-api-client[keyring]'``.

    A keyring that keeps nothing, or plain text, is an error: so is any other that the package
    keyring does not recommend.

    :param service: the service, as the keyring calls it.
    :param user: the user of the service.
    """

    def __init__(self, service: str, user: str) -> None:
        self.service = service
        self.user = user

    def check(self) -> None:
        """Check that there is a keyring that protects what it keeps."""
        _keyring()

    def deliver(self, secret: Secret) -> None:
        """Keep a token in the keyring."""
        keyring = _keyring()
        try:
            keyring.set_password(self.service, self.user, secret.reveal())
            return
        except Exception as error:
            # Its text and its frames may show the token.
            problem = type(error).__name__
        raise DeliveryFailed(f"the keyring does not take the token: {problem}")

    def matches(self, secret: Secret) -> bool | None:
        """Whether the keyring holds a token; None if it cannot be read."""
        try:
            return bool(_keyring().get_password(self.service, self.user) == secret.reveal())
        except Exception:
            return None

    def __repr__(self) -> str:
        return f"KeyringSink({self.service!r}, {self.user!r})"


class StreamSink:
    """A stream that the token is printed to, on a line of its own; it cannot tell who has read it.

    So the old token stays until you call `finish`.

    :param stream: the stream; None for the standard output at the time of the delivery.
    """

    def __init__(self, stream: TextIO | None = None) -> None:
        self.stream = stream

    def check(self) -> None:
        """Check that the stream is open."""
        if (self.stream or sys.stdout).closed:
            raise DeliveryFailed("the stream is closed")

    def deliver(self, secret: Secret) -> None:
        """Print a token."""
        stream = self.stream or sys.stdout
        _try(
            "the stream does not take the token",
            lambda: print(secret.reveal(), file=stream, flush=True),
        )

    def matches(self, secret: Secret) -> bool | None:
        """None: a stream cannot tell."""
        return None

    def __repr__(self) -> str:
        return "StreamSink()"


def environment_without(keys: Iterable[str]) -> dict[str, str]:
    """The environment for a program, without keys.

    :param keys: keys in use; those in `KEY_VARIABLES` are, too.
    :return: the variables that hold none of them.
    """
    known = (os.environ.get(name, "") for name in KEY_VARIABLES)
    hidden = {key.strip().lower() for key in (*keys, *known)} - {""}

    def holds_key(value: str) -> bool:
        # A short text may be part of any value.
        return any(key in value if len(key) > 7 else key == value for key in hidden)

    return {k: value for k, value in os.environ.items() if not holds_key(value.strip().lower())}


def _try(what: str, action: Callable[..., None], *args: object) -> None:
    """Call a function; of its error only the text is kept, as its frames hold the token."""
    try:
        action(*args)
        return
    except OSError as error:
        problem = error.strerror or type(error).__name__
    except ValueError as error:
        problem = str(error)
    raise DeliveryFailed(f"{what}: {problem}")


def _keyring() -> Any:
    """The keyring of this machine, if it protects what it keeps.

    :raises DeliveryFailed: there is no such keyring.
    """
    try:
        from keyring import get_keyring
    except ImportError:
        install = "pip install 'wavefront-api-client[keyring]'"
        raise DeliveryFailed(f"keyring is not installed: {install}") from None
    try:
        keyring = get_keyring()
        # One that puts several together has them in `backends`; below 1 is "not recommended".
        parts = getattr(keyring, "backends", [keyring])
        unsafe = [type(each) for each in parts if each.priority < 1]
    except Exception as error:
        raise DeliveryFailed(f"the keyring cannot be used: {error}") from None
    if unsafe or not parts:
        names = ", ".join(f"{each.__module__}.{each.__name__}" for each in unsafe) or "none"
        raise DeliveryFailed(f"a keyring that protects a token is needed, not {names}")
    return keyring
