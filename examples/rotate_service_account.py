"""Rotate the token `build` of a service account into a file: run it daily, from cron for example.

It reads WAVEFRONT_URL, WAVEFRONT_TOKEN and WAVEFRONT_SERVICE_ACCOUNT. Exit status: 0 if nothing is
left to do, 6 if a later run deletes the old token.
"""

import os
import sys
from datetime import timedelta

from wavefront_api_client import ApiClient, ApiTokenApi
from wavefront_api_client.tokens import FileSink, rotate

with ApiClient() as client:
    result = rotate(
        ApiTokenApi(client),
        "build",
        account=os.environ["WAVEFRONT_SERVICE_ACCOUNT"],
        sink=FileSink("build.token"),
        older_than=timedelta(days=30),
        grace=timedelta(days=1),
    )
print(f"{result.outcome}: {result.name} is {result.token.handle}")
sys.exit(0 if result.is_done else 6)
