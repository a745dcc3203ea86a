"""Run the command: `python -m wavefront_api_client.cli`."""

import sys

from wavefront_api_client.cli import main

if __name__ == "__main__":
    sys.exit(main())
