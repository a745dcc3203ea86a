"""The command as its script starts it, run with the URL of a service and its arguments."""

from __future__ import annotations

import os
import sys

from wavefront_api_client.cli import main

if __name__ == "__main__":
    url, *arguments = sys.argv[1:]
    os.environ |= {"WAVEFRONT_URL": url, "WAVEFRONT_TOKEN": "key"}
    # With an address among its options, it reads no file of profiles.
    sys.argv[1:] = ["--url", url, *arguments]
    sys.exit(main())
