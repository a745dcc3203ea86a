"""Run the token service in a terminal: `python -m wavefront_api_client.testing`."""

from __future__ import annotations

import argparse
import signal
import socket
import sys
import time
from ipaddress import ip_address
from typing import TYPE_CHECKING

from wavefront_api_client.testing.server import TokenServer

if TYPE_CHECKING:
    from collections.abc import Sequence


def main(argv: Sequence[str] | None = None) -> int:
    """Run the service until Ctrl-C.

    :param argv: arguments; those of the process by default.
    :return: exit status.
    """
    options = _parser().parse_args(argv)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)
    server = TokenServer(options.host, options.port, options.onboarded, keep_requests=0)
    try:
        return _run(server, options.host, options.port)
    except KeyboardInterrupt:
        return 0
    finally:
        server.stop()


def _run(server: TokenServer, host: str, port: int) -> int:
    try:
        server.start()
    except OSError as error:
        print(f"cannot listen on {host}:{port}: {error}", file=sys.stderr)
        return 1
    _announce(server, host)
    while True:
        time.sleep(3600)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m wavefront_api_client.testing",
        description="Run a token service for tests. What it stores is gone when it stops.",
    )
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (%(default)s)")
    parser.add_argument("--port", type=_port, default=0, help="port to listen on (any free one)")
    parser.add_argument(
        "--onboarded", action="store_true", help="refuse to create tokens for users"
    )
    return parser


def _port(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text) <= 65535):
        raise argparse.ArgumentTypeError("a port is a number from 0 to 65535")
    return int(text)


def _announce(server: TokenServer, host: str) -> None:
    if not _is_loopback(host):
        print("warning: other machines can reach this service", file=sys.stderr)
    print("Token service for tests, stopped by Ctrl-C. To use it:")
    print(f"export WAVEFRONT_URL={server.url}")
    print(f"export WAVEFRONT_TOKEN={server.user.key}", flush=True)


def _is_loopback(host: str) -> bool:
    found = socket.getaddrinfo(host, None)
    return all(ip_address(str(address[0]).partition("%")[0]).is_loopback for *_, address in found)


if __name__ == "__main__":
    sys.exit(main())
