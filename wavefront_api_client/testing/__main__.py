"""Run the token service in a terminal: `python -m wavefront_api_client.testing`."""

from __future__ import annotations

import argparse
import os
import re
import shlex
import signal
import socket
import sys
import time
from functools import partial
from ipaddress import ip_address
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from wavefront_api_client.testing._bodies import Refusal, read_json, success
from wavefront_api_client.testing._service import CONTROL
from wavefront_api_client.testing._store import TOKENS_PER_ACCOUNT
from wavefront_api_client.testing.server import TokenServer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wavefront_api_client.testing._messages import Reply, Request
    from wavefront_api_client.testing._service import RecordedRequest


def main(argv: Sequence[str] | None = None) -> int:
    """Run the service until Ctrl-C.

    :param argv: arguments; those of the process by default.
    :return: exit status.
    """
    parser = _parser()
    options = parser.parse_args(argv)
    try:
        server = _make(options)
    except (ValueError, OverflowError) as error:
        parser.error(str(error))
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)
    try:
        return _run(server, options)
    except KeyboardInterrupt:
        return 0
    finally:
        server.stop()


def _make(options: argparse.Namespace) -> TokenServer:
    on_request = _tell if options.verbose else None
    server = TokenServer(
        options.host,
        options.port,
        options.onboarded,
        key=options.key,
        days=options.days,
        keep_requests=0,
        on_request=on_request,
    )
    _fill(server, options)
    return server


def _fill(server: TokenServer, options: argparse.Namespace) -> None:
    for account, tokens in options.service_account:
        server.add_service_account(account, tokens)
    if not options.empty:
        server.add_customer()


def _control(server: TokenServer, options: argparse.Namespace, request: Request) -> Reply:
    def reset() -> None:
        server.reset()
        _fill(server, options)

    actions = {"reset": reset, "advance": server.advance, "inject": server.inject}
    action = actions.get(request.path[len(CONTROL) :])
    if action is None or request.method != "POST":
        return Refusal(404, f"there is POST {CONTROL} with reset, advance or inject").reply()
    try:
        action(**(read_json(request.body) if request.body else {}))
    except Refusal as refusal:
        return refusal.reply()
    except Exception as error:
        # If one of these methods fails, the JSON of the request is wrong.
        return Refusal(400, str(error)).reply()
    return success(None)


def _tell(request: RecordedRequest) -> None:
    print(request, file=sys.stderr, flush=True)


def _run(server: TokenServer, options: argparse.Namespace) -> int:
    try:
        server.start()
    except OSError as error:
        print(f"cannot listen on {options.host}:{options.port}: {error}", file=sys.stderr)
        return 1
    if _is_loopback(options.host):
        server._service.control = partial(_control, server, options)
    else:
        print("warning: other machines can reach this service", file=sys.stderr)
    _announce(server)
    while True:
        time.sleep(3600)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m wavefront_api_client.testing",
        description="Run a token service for tests. What it stores is gone when it stops.",
    )
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (%(default)s)")
    parser.add_argument("--port", type=_port, default=0, help="port to listen on (any free one)")
    parser.add_argument("--key", help="key of the administrator (a new one)")
    parser.add_argument(
        "--days",
        type=float,
        default=0,
        metavar="N",
        help="how many days its clock is ahead of that of this machine (0)",
    )
    parser.add_argument(
        "--onboarded",
        action="store_true",
        help="be an instance of VMware Cloud services, and those: take access tokens, refuse keys",
    )
    parser.add_argument(
        "--service-account",
        type=_service_account,
        action="append",
        default=[],
        metavar="ID[:N]",
        help="add a service account, with N tokens; may be given several times",
    )
    parser.add_argument(
        "--empty", action="store_true", help="leave out the users and service accounts to try with"
    )
    parser.add_argument(
        "--verbose", action="store_true", help="print a line for each request, without tokens"
    )
    return parser


def _service_account(text: str) -> tuple[str, int]:
    # What follows two colons belongs to the id, as in sa::7.
    found = re.fullmatch(r"(.*[^:]):([0-9]+)", text, re.DOTALL)
    account, tokens = (found[1], int(found[2])) if found else (text, 0)
    if tokens > TOKENS_PER_ACCOUNT:
        raise argparse.ArgumentTypeError(f"an account holds at most {TOKENS_PER_ACCOUNT} tokens")
    return account, tokens


def _port(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text) <= 65535):
        raise argparse.ArgumentTypeError("a port is a number from 0 to 65535")
    return int(text)


def _announce(server: TokenServer) -> None:
    print("Token service for tests, stopped by Ctrl-C. To use it:")
    print(f"export WAVEFRONT_URL={server.url}")
    if server.user.api_token:
        print(f"export CSP_BASE_URL={server.csp_url}")
        print(f"export CSP_API_TOKEN={shlex.quote(server.user.api_token)}")
    else:
        print(f"export WAVEFRONT_TOKEN={shlex.quote(server.user.key)}")
    for name in ("NO_PROXY", "no_proxy"):
        # If both are set, Python reads the lower-case one.
        if name == "NO_PROXY" or name in os.environ:
            print(f"export {name}={_without_proxy(server.url, os.environ.get(name, ''))}")
    sys.stdout.flush()


def _without_proxy(url: str, others: str) -> str:
    host = urlsplit(url).netloc.rpartition(":")[0]
    return shlex.quote(",".join(dict.fromkeys([host, *filter(None, others.split(","))])))


def _is_loopback(host: str) -> bool:
    found = socket.getaddrinfo(host, None)
    return all(ip_address(str(address[0]).partition("%")[0]).is_loopback for *_, address in found)


if __name__ == "__main__":
    sys.exit(main())
