"""Reads the body of an answer: within bounds, and with the compressions that urllib3 reads."""

from __future__ import annotations

import sys
import zlib
from collections.abc import Iterable, Iterator
from typing import Any

from urllib3.exceptions import HTTPError, ProtocolError, ReadTimeoutError
from urllib3.response import HTTPResponse

from wavefront_api_client._core.failures import UnusableBody
from wavefront_api_client._core.limits import LONGEST_PART
from wavefront_api_client._core.secrets import clear_frames

CHUNK = 16 * 1024
"""Bytes that are read at a time; decompressed, they are a thousand times as many at most."""

_GZIP_MAGIC = b"\x1f\x8b"
_ZLIB_OR_GZIP = zlib.MAX_WBITS | 32


def read_body(response: Any, limit: int) -> bytes | str | UnusableBody:
    """The body of an answer of urllib3, or of a stand-in with `data`; or why it cannot be used."""
    if not isinstance(response, HTTPResponse):
        return response.data or b""
    body = bytearray()
    handled = sys.exc_info()[1]
    try:
        # A stand-in that is made of bytes has its data without being read.
        return _read(response, body, limit) or response.data or b""
    except (UnusableBody, HTTPError, ValueError, zlib.error) as error:
        failure = _failure(error, body)
        clear_frames(error, handled)
    # The connection still holds the rest of the body.
    response.close()
    return failure


def _failure(error: Exception, body: bytearray) -> UnusableBody:
    """The exception for an error during the reading of a body."""
    if isinstance(error, ReadTimeoutError):
        return UnusableBody("", body)
    if isinstance(error, UnusableBody):
        return UnusableBody(error.reason, body, error.interrupted)
    if isinstance(error, zlib.error):
        return UnusableBody(f"its compression is broken: {error}", body)
    if isinstance(error, ProtocolError):
        # The bytes of the last read are in the error alone.
        return UnusableBody("it is incomplete", body or _partial(error), interrupted=True)
    # http.client raises ValueError for a negative size of a chunk.
    return UnusableBody(f"it is incomplete: {type(error).__name__}", body, interrupted=True)


def _partial(error: ProtocolError) -> bytes:
    """The bytes of the read that failed, if the error holds them."""
    partial = getattr(error.args[-1], "partial", b"")
    return partial if isinstance(partial, bytes) else b""


def _read(response: HTTPResponse, body: bytearray, limit: int) -> bytes:
    """Read a body in pieces into `body`, which keeps them if the rest does not come."""
    # Not `get`, which raises and catches an error for a missing field, and most are missing.
    is_encoded = "content-encoding" in response.headers
    encoding = response.headers["content-encoding"].strip().lower() if is_encoded else ""
    length = response.length_remaining
    if encoding in ("gzip", "x-gzip", "deflate"):
        _collect(_decompressed(_chunks(response)), body, limit)
        # If padding is left, the connection cannot be used again.
        response.close()
        return bytes(body)
    if encoding not in ("", "identity"):
        raise UnusableBody(f"it is compressed in a way that was not asked for: {encoding}")
    if length is not None and length <= limit:
        return response.read(decode_content=False)
    # The beginning of an error is still useful.
    if length is not None and limit > LONGEST_PART:
        raise UnusableBody(f"it is larger than {limit} bytes")
    _collect(_chunks(response), body, limit)
    return bytes(body)


def _chunks(response: HTTPResponse) -> Iterator[bytes]:
    """The bytes of a body as they come."""
    try:
        while chunk := response.read(CHUNK, decode_content=False):
            yield chunk
    except ProtocolError as error:
        yield _partial(error)
        raise


def _collect(chunks: Iterable[bytes], body: bytearray, limit: int) -> None:
    for chunk in chunks:
        body += chunk
        if len(body) > limit:
            raise UnusableBody(f"it is larger than {limit} bytes")


def _decompressed(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """The plain bytes; padding behind them is left."""
    decoder, rest = None, b""
    for chunk in chunks:
        rest += chunk
        # Two bytes tell one kind from another, and the next part from padding.
        while len(rest) > 1 or (rest and decoder and not decoder.eof):
            if decoder is None or decoder.eof:
                if decoder is not None and not rest.startswith(_GZIP_MAGIC):
                    return
                decoder = zlib.decompressobj(_kind(rest))
            yield decoder.decompress(rest)
            rest = decoder.unused_data
    if (decoder is None and rest) or (decoder is not None and not decoder.eof):
        raise UnusableBody("its compression is broken: it ends too early", interrupted=True)


def _kind(start: bytes) -> int:
    """The mode of zlib for these first bytes; some servers send deflate without its head."""
    is_zlib = start[0] & 15 == zlib.DEFLATED and int.from_bytes(start[:2], "big") % 31 == 0
    return _ZLIB_OR_GZIP if is_zlib or start.startswith(_GZIP_MAGIC) else -zlib.MAX_WBITS
