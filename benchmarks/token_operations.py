"""Token operations: an audit beside its listing, many tenants of which some are dead, and a file.

    python -m benchmarks.token_operations          # the sizes of docs/performance.md
    python -m benchmarks.token_operations --small  # does it all work?

An audit is compared with the bare call in turns, in the same process, by processor time and by the
clock. Of the tenants, one in twenty refuses connections, and one in twenty never answers: these
have a limit, which is what all of it together may take and not much more.
"""

from __future__ import annotations

import argparse
import gc
import json
import random
import socket
import statistics
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks.processes import ROOT
from benchmarks.server import AnswerServer
from wavefront_api_client import ApiClient, ApiTokenApi, Configuration
from wavefront_api_client.tokens import (
    AuditReport,
    FileSink,
    Tenant,
    WantedToken,
    audit,
    for_tenants,
    plan,
)

NOW = int(time.time() * 1000)
YEARS = 3 * 365 * 86_400_000


def token(number: int) -> dict[str, object]:
    """Return one token of a customer: of any age, half of them never used, 15 to an account."""
    chance = random.Random(number)
    made = NOW - chance.randrange(YEARS)
    secret, name = str(uuid.UUID(int=chance.getrandbits(128), version=4)), f"token {number % 5000}"
    return {
        "id": secret,
        "tokenID": secret,
        "name": name,
        "tokenName": name,
        "account": f"sa::{number // 15}",
        "accountType": "SERVICE_ACCOUNT",
        "customer": "example",
        "createdEpochMillis": made,
        "dateGenerated": made,
        "lastUsed": chance.choice([0, NOW - chance.randrange(NOW - made + 1)]),
    }


def http_answer(count: int) -> bytes:
    """Return the bytes of a listing."""
    container = {
        "status": {"result": "OK", "message": "", "code": 200},
        "response": [token(number) for number in range(count)],
    }
    body = json.dumps(container, separators=(",", ":")).encode("ascii")
    head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(body)}"
    return f"{head}\r\n\r\n".encode("ascii") + body


@contextmanager
def serving(count: int) -> Iterator[str]:
    """Answer each request with so many tokens, in another process; give its URL."""
    command = [sys.executable, "-m", "benchmarks.token_operations", "--serve", str(count)]
    with subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        if process.stdin is None or process.stdout is None:
            raise RuntimeError("the server has no pipes")
        try:
            yield f"http://127.0.0.1:{int(process.stdout.readline())}"
        finally:
            process.stdin.close()


def serve(count: int) -> None:
    """Be that process."""
    server = AnswerServer()
    print(server.listen(http_answer(count)), flush=True)
    server.serve()


def costs(work: Callable[[], object]) -> tuple[float, float]:
    """Return the seconds that something takes: of the processor, and by the clock."""
    gc.collect()
    used, start = time.process_time(), time.perf_counter()
    result = work()
    spent = time.process_time() - used, time.perf_counter() - start
    del result
    return spent


def measure_audit(count: int, rounds: int) -> None:
    """Compare an audit with its listing, and print the medians."""
    with serving(count) as url:
        configuration = Configuration(host=url, api_key="key", proxy=None)
        with ApiClient(configuration) as client:
            api = ApiTokenApi(client)
            works = {
                "bare": api.get_customer_tokens,
                "audit": lambda: audit(api),
                "audit with its rows": lambda: looked_at(audit(api)),
            }
            samples = [[costs(work) for work in works.values()] for _ in range(rounds + 1)][1:]
    for index, kind in enumerate(("processor", "clock")):
        medians = [statistics.median(one[index] for one in each) for each in zip(*samples)]
        for name, median in zip(works, medians):
            ratio = median / medians[0]
            print(f"{count:,} tokens, {name}, {kind}: {median:.3f} s, {ratio:.2f}")


def looked_at(report: AuditReport) -> AuditReport:
    """Have a report make its rows and findings, and return it."""
    _ = report.findings
    return report


def measure_tenants(count: int, tokens: int, limit: float) -> None:
    """Audit many tenants of which some are dead and some are slow, and print the time."""
    with serving(tokens) as url, socket.create_server(("127.0.0.1", 0), backlog=512) as silent:
        addresses = {0: "http://127.0.0.1:1", 10: f"http://127.0.0.1:{silent.getsockname()[1]}"}
        settings = {"request_timeout": limit, "proxy": None}
        tenants = [
            Tenant(str(number), addresses.get(number % 20, url), "key", settings)
            for number in range(count)
        ]
        start = time.perf_counter()
        results = for_tenants(tenants, audit)
        spent = time.perf_counter() - start
    failed = sum(result.error is not None for result in results.values())
    print(f"{count} tenants with {tokens:,} tokens, {failed} of them dead or silent:")
    print(f"{spent:.2f} s with a limit of {limit} s for each call")


class Distant(ApiTokenApi):
    """A service whose answers take a while."""

    seconds = 0.0

    def get_tokens_service_account(self, id: str, **options: Any) -> Any:
        """Wait, and call it."""
        time.sleep(self.seconds)
        return super().get_tokens_service_account(id, **options)


def measure_file(accounts: int, tokens: int, rounds: int) -> None:
    """Compare the plan of a file of which nothing is due with bare listings by as many threads."""
    with (
        TemporaryDirectory() as folder,
        serving(tokens) as url,
        ApiClient(Configuration(host=url, api_key="key", proxy=None)) as client,
        ThreadPoolExecutor(8) as threads,
    ):
        wanted = []
        for number in range(accounts * tokens):
            path = Path(folder, str(number))
            path.write_text(str(token(number % tokens)["id"]))
            name, account = f"token {number % tokens}", f"sa::{number // tokens}"
            wanted.append(WantedToken(name, FileSink(path), account, older_than="36500d"))
        names = [f"sa::{number}" for number in range(accounts)]
        api = Distant(client)
        for seconds in (0, 0.02):
            api.seconds = seconds
            samples = []
            for _ in range(rounds + 1):
                _, bare = costs(lambda: list(threads.map(api.get_tokens_service_account, names)))
                _, whole = costs(lambda: plan(api, wanted))
                samples.append((bare, whole))
            bare, whole = (statistics.median(each) for each in zip(*samples[1:]))
            print(
                f"{len(wanted):,} tokens of {accounts} accounts, {seconds * 1000:.0f} ms an answer:"
                f" listings {bare:.3f} s, plan {whole:.3f} s, {whole / bare:.2f}"
            )


def main() -> None:
    """Measure, and print the results."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.token_operations",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--small", action="store_true", help="smallest sizes: does it all work?")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--serve", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.serve is not None:
        serve(options.serve)
        return
    measure_audit(1_000 if options.small else 100_000, 1 if options.small else options.rounds)
    if options.small:
        measure_tenants(20, 10, 1)
        measure_file(2, 2, 1)
    else:
        measure_tenants(200, 1_000, 5)
        measure_file(100, 10, options.rounds)


if __name__ == "__main__":
    main()
