"""Raw urllib3 with the default time limits of ours: each of its sockets has to be polled."""

from __future__ import annotations

from functools import partial

import urllib3

from benchmarks.clients import raw

connect = partial(raw.connect, timeout=urllib3.Timeout(connect=10, read=60))
