"""The far end: a socket server that sends canned bytes, one port per size of the answer."""

from __future__ import annotations

import functools
import json
import selectors
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TextIO

from benchmarks.payload import http_answer
from benchmarks.processes import ROOT

END_OF_HEAD = b"\r\n\r\n"


class AnswerServer:
    """A loop over sockets that answers each request with the bytes of the port it came in by."""

    def __init__(self) -> None:
        self._selector = selectors.DefaultSelector()
        self._running = True

    def listen(self, answer: bytes) -> int:
        """Open a port whose every request gets `answer`, and return its number."""
        listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self._watch(listener, functools.partial(self._accept, listener, answer))
        port: int = listener.getsockname()[1]
        return port

    def serve(self) -> None:
        """Answer until standard input ends, that is until the parent is gone."""
        self._watch(sys.stdin, self._stop)
        while self._running:
            for key, _ in self._selector.select():
                key.data()

    def _watch(self, source: socket.socket | TextIO, reaction: Callable[[], None]) -> None:
        self._selector.register(source, selectors.EVENT_READ, reaction)

    def _stop(self) -> None:
        self._running = False

    def _accept(self, listener: socket.socket, answer: bytes) -> None:
        connection, _ = listener.accept()
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._watch(connection, functools.partial(self._answer, connection, answer))

    def _answer(self, connection: socket.socket, answer: bytes) -> None:
        """Send the answer when the head of a request is complete; no request here has a body."""
        try:
            received = connection.recv(65536)
            if received.endswith(END_OF_HEAD):
                connection.sendall(answer)
        except OSError:
            received = b""
        if not received:
            self._selector.unregister(connection)
            connection.close()


@contextmanager
def running(sizes: tuple[int, ...]) -> Iterator[dict[int, str]]:
    """Run the server in a process of its own and give the URL that answers with each size."""
    command = [sys.executable, "-m", "benchmarks.server", *map(str, sizes)]
    with subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        if process.stdin is None or process.stdout is None:
            raise RuntimeError("the server has no pipes")
        ports = json.loads(process.stdout.readline())
        yield {size: f"http://127.0.0.1:{port}" for size, port in zip(sizes, ports)}
        process.stdin.close()


def main() -> None:
    """Open a port for each size in the arguments, print the ports, answer."""
    server = AnswerServer()
    ports = [server.listen(http_answer(int(size))) for size in sys.argv[1:]]
    print(json.dumps(ports), flush=True)
    server.serve()


if __name__ == "__main__":
    main()
