"""Reads the body of an answer: within bounds, and with the one compression that is asked for."""

from __future__ import annotations

import zlib

from urllib3.exceptions import HTTPError, ProtocolError, ReadTimeoutError
from urllib3.response import HTTPResponse

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Any

_CHUNK = 16 * 1024
_GZIP_MAGIC = b"\x1f\x8b"
_ZLIB_OR_GZIP = zlib.MAX_WBITS | 32


class UnusableBody(Exception):
    """A body that cannot be used: why, and what came of it."""

    def __init__(self, reason: str, part: bytes = b"", interrupted: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.part = part
        self.interrupted = interrupted
        """Whether the connection failed, so that another attempt may get all of it."""


class BodyTimeout(Exception):
    """The body did not come in time."""


def read_body(response: Any, limit: int) -> bytes | str:
    """The body of an answer, decompressed.

    :param response: a urllib3 response, or a stand-in that has its `data`.
    :param limit: bytes that the decompressed body may have.
    :raises UnusableBody: it is too large, incomplete or wrongly compressed.
    :raises BodyTimeout: it did not come in time.
    """
    if not isinstance(response, HTTPResponse):
        return response.data or b""
    fault: Exception
    try:
        # A stand-in that is made of bytes has its data without being read.
        return _read(response, limit) or response.data or b""
    except ReadTimeoutError:
        fault = BodyTimeout()
    except zlib.error as error:
        fault = UnusableBody(f"its compression is broken: {error}")
    except ProtocolError as error:
        cause = error.args[-1]
        fault = UnusableBody("it is incomplete", getattr(cause, "partial", b""), interrupted=True)
    except (HTTPError, ValueError) as error:
        # http.client raises ValueError for a negative size of a chunk.
        fault = UnusableBody(f"it is incomplete: {type(error).__name__}", interrupted=True)
    except UnusableBody as error:
        fault = error
    # The connection still holds the rest of the body.
    response.close()
    raise fault


def _read(response: HTTPResponse, limit: int) -> bytes:
    encoding = response.headers.get("content-encoding", "").strip().lower()
    length = response.length_remaining
    if encoding in ("gzip", "x-gzip", "deflate"):
        body = _within(limit, _decompress(_chunks(response), limit))
        # Where padding is left, the connection cannot be used again.
        response.close()
        return body
    if encoding not in ("", "identity"):
        raise UnusableBody(f"it is compressed in a way that was not asked for: {encoding}")
    if length is None:
        return _within(limit, _chunks(response))
    if length > limit:
        raise UnusableBody(f"it is larger than {limit} bytes")
    return response.read(decode_content=False)


def _chunks(response: HTTPResponse) -> Iterator[bytes]:
    return iter(lambda: response.read(_CHUNK, decode_content=False) or b"", b"")


def _within(limit: int, chunks: Iterable[bytes]) -> bytes:
    body = bytearray()
    for chunk in chunks:
        body += chunk
        if len(body) > limit:
            raise UnusableBody(f"it is larger than {limit} bytes", bytes(body[:_CHUNK]))
    return bytes(body)


def _decompress(chunks: Iterable[bytes], limit: int) -> Iterator[bytes]:
    """The plain bytes, never more at a time than may be had in all; padding behind them is left."""
    decoder = zlib.decompressobj(_ZLIB_OR_GZIP)
    started, rest = False, b""
    for chunk in chunks:
        rest += chunk
        while rest:
            if decoder.eof:
                if rest == _GZIP_MAGIC[:1]:
                    break
                if not rest.startswith(_GZIP_MAGIC):
                    return
                decoder = zlib.decompressobj(_ZLIB_OR_GZIP)
            started = True
            yield decoder.decompress(rest, limit + 1)
            rest = decoder.unconsumed_tail or decoder.unused_data
    if started and not decoder.eof:
        raise zlib.error("it ends too early")
