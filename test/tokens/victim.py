"""Processes that are killed in the midst of a rotation, and one that uses the key all the while.

`victim.py rotate` forks a process for each line that it reads, which rotates a token, or applies a
file of one token, kills itself at a certain step and tells how many there were; `victim.py watch URL FILE` asks the service until its input ends.
"""

from __future__ import annotations

import http.client
import json
import os
import select
import signal
import sys
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

from wavefront_api_client import ApiClient, ApiTokenApi, Configuration
from wavefront_api_client.credentials import CspApiToken
from wavefront_api_client.rest import RESTClientObject
from wavefront_api_client.tokens import WantedToken, apply, rotate
from wavefront_api_client.tokens.sinks import FileSink


def rotate_once(order):
    configuration = Configuration(host=order["url"], proxy=None)
    if "csp_url" in order:
        configuration.credentials = CspApiToken(order["key"], base_url=order["csp_url"])
    else:
        configuration.api_key = order["key"]
    account, sink, grace = order["account"], FileSink(order["file"]), timedelta(0)
    with ApiClient(configuration) as client:
        api = ApiTokenApi(client)
        if order.get("applies"):
            apply(api, [WantedToken("ci", sink, account, grace=grace)])
        else:
            rotate(api, "ci", account=account, sink=sink, grace=grace)


class Steps:
    """Counts requests and what is done to files, and is killed before or after one of them."""

    def __init__(self, order):
        self.count, self.at, self.when = 0, order["step"], order["when"]
        self.wrap(RESTClientObject, "request")
        for name in ("fsync", "replace", "rename"):
            self.wrap(os, name)

    def wrap(self, owner, name):
        original = getattr(owner, name)

        def step(*args, **kwargs):
            self.count += 1
            self.end("before")
            answer = original(*args, **kwargs)
            self.end("after")
            return answer

        setattr(owner, name, step)

    def end(self, when):
        if (self.count, when) == (self.at, self.when):
            os.kill(os.getpid(), signal.SIGKILL)


def follow(order):
    reader, writer = os.pipe()
    pid = os.fork()
    if not pid:
        status = 1
        try:
            steps = Steps(order)
            rotate_once(order)
            os.write(writer, str(steps.count).encode())
            status = 0
        finally:
            os._exit(status)
    os.close(writer)
    count = int(os.read(reader, 9) or 0)
    os.close(reader)
    status = os.waitpid(pid, 0)[1]
    is_killed = os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL
    return {"steps": count, "killed": is_killed}


def tell(fact):
    sys.stdout.write(json.dumps(fact) + "\n")
    sys.stdout.flush()


def serve():
    for line in sys.stdin:
        tell(follow(json.loads(line)))


def works(connection, key):
    connection.request("GET", "/api/v2/apitoken", headers={"X-AUTH-TOKEN": key})
    answer = connection.getresponse()
    answer.read()
    return answer.status == 200


def watch(url, file):
    connection = http.client.HTTPConnection(urlsplit(url).netloc)
    asked, failed = 0, []
    while not select.select([sys.stdin], [], [], 0.02)[0]:
        key = Path(file).read_text()
        asked += 1
        # What has been replaced meanwhile need not work any more.
        if not works(connection, key) and Path(file).read_text() == key:
            failed.append(asked)
    connection.close()
    tell({"asked": asked, "failed": failed})


if __name__ == "__main__":
    serve() if sys.argv[1] == "rotate" else watch(*sys.argv[2:])
