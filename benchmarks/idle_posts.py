"""The command: POST when a real nginx closes the idle connections; count what is lost.

    python benchmarks/idle_posts.py --keepalive 2 5 --posts 3600

A client asks for something, idles for about the keep-alive time of nginx, and then POSTs; four
threads do so, with a client for each POST. Lost is what ends with `outcome_unknown`. With nginx
1.22 on loopback, two processors that had other things to do as well, Python 3.11 and urllib3 2.8:

Keep-alive | POSTs | around it by | lost without limit | lost with the default of 1.0
---------- | ----- | ------------ | ------------------ | ---------------------------
2 s | 3,600 | 10 ms | 5 | 0
5 s | 3,600 | 10 ms | 6 | 0
2 s | 3,600 | 2 ms | 40 | 0

With the default, each of these POSTs opened a connection of its own.
"""

from __future__ import annotations

import argparse
import contextlib
import heapq
import shutil
import socket
import subprocess
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from itertools import count
from pathlib import Path

from wavefront_api_client import ApiClient, ApiException, Configuration

PATH = "/api/v2/apitoken"
SETTING = "max_idle_before_post"

# Each answer says the how many-th of its connection it is.
NGINX = """
daemon off; master_process off; pid {folder}/pid; error_log {folder}/error.log;
events {{ worker_connections 4096; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi; uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    keepalive_timeout {keepalive}s;
    server {{
        listen 127.0.0.1:{port} backlog=1024;
        location / {{ default_type application/json; return 200 '$connection_requests'; }}
    }}
}}
"""


def arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="idle_posts.py", description=__doc__)
    parser.add_argument("--keepalive", type=int, nargs="+", default=[2, 5], help="seconds")
    parser.add_argument("--posts", type=int, default=3600, help="for each row of the table")
    parser.add_argument("--threads", type=int, default=4)
    parser.add_argument("--spread", type=float, default=0.010, help="seconds around the time")
    parser.add_argument("--program", default=shutil.which("nginx", path="/usr/sbin:/usr/bin"))
    return parser.parse_args()


@contextlib.contextmanager
def nginx(program: str, keepalive: int) -> Iterator[str]:
    """Run nginx at a free port; give its address."""
    with tempfile.TemporaryDirectory() as folder, socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        port = holder.getsockname()[1]
        holder.close()
        settings = Path(folder, "nginx.conf")
        settings.write_text(NGINX.format(folder=folder, keepalive=keepalive, port=port))
        with subprocess.Popen([program, "-p", folder, "-c", str(settings)]) as process:
            try:
                wait_for(port)
                yield f"http://127.0.0.1:{port}"
            finally:
                process.terminate()


def wait_for(port: int) -> None:
    """Return when a server listens there."""
    for _ in range(100):
        with contextlib.suppress(OSError):
            socket.create_connection(("127.0.0.1", port)).close()
            return
        time.sleep(0.05)
    raise RuntimeError("nginx does not start")


def client_for(url: str, limit: float | None) -> ApiClient:
    """Make a client that tries everything once."""
    configuration = Configuration(host=url, api_key="key", retries=0, proxy=None)
    setattr(configuration, SETTING, limit)
    return ApiClient(configuration)


def ended(client: ApiClient) -> str:
    """POST; say how that ended."""
    try:
        order = client.call_api(PATH, "POST", body={}, response_type="int")[0]
    except ApiException as error:
        return "lost" if error.outcome_unknown else "failed"
    return "old connection" if order > 1 else "new connection"


def batch(
    clients: list[ApiClient], keepalive: int, spread: float, counts: list[str], begin: float
) -> None:
    """Have each client ask, idle, and POST; all in turn, each at its time."""
    order = count()
    due = [(begin + number * 0.004, next(order), number, False) for number in range(len(clients))]
    while due:
        moment, _, number, is_post = heapq.heappop(due)
        time.sleep(max(moment - time.monotonic(), 0))
        if is_post:
            counts.append(ended(clients[number]))
            continue
        clients[number].call_api(PATH, "GET")
        offset = spread * (2 * number / len(clients) - 1)
        moment = time.monotonic() + keepalive + offset
        heapq.heappush(due, (moment, next(order), number, True))


def measure(url: str, limit: float | None, keepalive: int, options: argparse.Namespace) -> Counter:
    """Make all the POSTs of a row, some hundred at a time."""
    counts: list[str] = []
    while len(counts) < options.posts:
        size = min(150, -(-(options.posts - len(counts)) // options.threads))
        with contextlib.ExitStack() as stack:
            threads = []
            for _ in range(options.threads):
                clients = [stack.enter_context(client_for(url, limit)) for _ in range(size)]
                details = (clients, keepalive, options.spread, counts, time.monotonic() + 0.1)
                threads.append(threading.Thread(target=batch, args=details))
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
    return Counter(counts)


def main() -> None:
    """Measure, and print the table."""
    options = arguments()
    if options.program is None:
        raise SystemExit("nginx is not installed")
    kinds = ("lost", "failed", "old connection", "new connection")
    print("keep-alive", SETTING, *kinds, sep=" | ")
    for keepalive in options.keepalive:
        with nginx(options.program, keepalive) as url:
            for limit in (None, Configuration().max_idle_before_post):
                counts = measure(url, limit, keepalive, options)
                print(f"{keepalive} s", limit, *(counts[kind] for kind in kinds), sep=" | ")


if __name__ == "__main__":
    main()
