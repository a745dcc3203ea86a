"""One client connection: feeds the parser, sends the answers in order, each in one write."""

from __future__ import annotations

import asyncio
import socket
import struct
from typing import TYPE_CHECKING, cast

from ._bodies import Refusal
from ._messages import Request, encode
from ._parser import MAX_BODY, MAX_HEAD, RequestParser

if TYPE_CHECKING:
    from collections.abc import Callable

    from ._faults import Answer

_CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
_MAX_UNREAD = MAX_HEAD + MAX_BODY
_GRACE = 1.0
"""Seconds a refused client has to read the answer before the connection is cut."""
_RESET_ON_CLOSE = struct.pack("ii", 1, 0)


class Connection(asyncio.Protocol):
    """The protocol of one connection.

    :param loop: the loop it lives in.
    :param answer: what is done about a request.
    :param refused: told about requests that cannot be read.
    :param peers: the open connections, of which it is one.
    """

    _transport: asyncio.Transport

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        answer: Callable[[Request], Answer],
        refused: Callable[[Refusal], None],
        peers: set[Connection],
    ) -> None:
        self._loop = loop
        self._answer = answer
        self._refused = refused
        self._peers = peers
        self._parser = RequestParser()
        self._delayed: Answer | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._full = False
        self._ended = False
        self._closing = False

    def abort(self) -> None:
        """Cut the connection."""
        self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take the connection over: asyncio calls this."""
        self._transport = cast("asyncio.Transport", transport)
        self._set_option(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._peers.add(self)

    def connection_lost(self, exc: Exception | None) -> None:
        """Give the connection up: asyncio calls this."""
        self._closing = True
        self._peers.discard(self)
        if self._timer:
            self._timer.cancel()

    def data_received(self, data: bytes) -> None:
        """Answer what has arrived; what a refused client goes on to send is dropped."""
        if self._closing:
            return
        self._parser.feed(data)
        self._advance()
        if self._parser.unread > _MAX_UNREAD:
            self._transport.pause_reading()

    def eof_received(self) -> bool:
        """Note that the client sends no more; with answers due, the connection stays open."""
        self._ended = True
        return not self._closing and self._busy

    def pause_writing(self) -> None:
        """Stop answering: the client does not read its answers."""
        self._full = True

    def resume_writing(self) -> None:
        """Go on answering: the client reads again."""
        self._full = False
        self._resume()

    @property
    def _busy(self) -> bool:
        return self._full or self._delayed is not None

    def _resume(self) -> None:
        self._transport.resume_reading()
        self._advance()

    def _advance(self) -> None:
        try:
            while not self._closing and not self._busy:
                step = self._parser.next()
                if isinstance(step, Request):
                    self._start(self._answer(step))
                elif step == "more":
                    break
                else:
                    self._transport.write(_CONTINUE)
        except Refusal as refusal:
            self._refuse(refusal)
        if self._ended and not self._closing and not self._busy:
            self._transport.close()

    def _start(self, answer: Answer) -> None:
        if answer.delay:
            self._delayed = answer
            self._timer = self._loop.call_later(answer.delay, self._send_delayed)
        else:
            self._finish(answer)

    def _send_delayed(self) -> None:
        answer, self._delayed = self._delayed, None
        self._finish(cast("Answer", answer))
        self._resume()

    def _finish(self, answer: Answer) -> None:
        if answer.data:
            self._transport.write(answer.data)
        if answer.ending == "keep":
            return
        self._closing = True
        if answer.ending == "reset":
            self._reset()
        else:
            self._transport.close()

    def _reset(self) -> None:
        self._set_option(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
        self._transport.abort()

    def _set_option(self, level: int, name: int, value: int | bytes) -> None:
        self._transport.get_extra_info("socket").setsockopt(level, name, value)

    def _refuse(self, refusal: Refusal) -> None:
        self._refused(refusal)
        self._transport.write(b"".join(encode(refusal.reply(), "GET", keep_alive=False)))
        self._closing = True
        # Closing with bytes unread would reset the connection, and the client would lose the
        # answer (RFC 9112, 9.6): so the rest of the request is read and dropped for a while.
        self._transport.write_eof()
        self._timer = self._loop.call_later(_GRACE, self._transport.abort)
