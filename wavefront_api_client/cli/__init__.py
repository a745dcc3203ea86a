"""`wavefront-tokens`: the operations of `wavefront_api_client.tokens` as a command.

===========  ==============================================================================
`__main__`   `python -m wavefront_api_client.cli`
`_app`       the commands by name, and the end of each run; `commands/` has them
`_options`   options of all commands, before or after the command
`_profiles`  the address of an instance, and how to get its key
`_session`   a run: its tenants, its output and its warnings
`_refs`      a token as an argument, or on standard input
`_sinks`     the options for the place of a new token
`_complete`  completions for the shell
`_output`    JSON, CSV, or tabs in a pipe on stdout; everything else on stderr
`_table`     a table that fits the terminal
`_failures`  the message and exit status for an error
`_exits`     the exit statuses and what they mean
===========  ==============================================================================
"""

from __future__ import annotations

import os
import sys

__all__ = ["main"]

INTERRUPTED = 130
"""The exit status for Ctrl-C."""


def main() -> int:
    """Run the command with the arguments of the process; return the exit status."""
    try:
        import click  # noqa: F401  # whether it is there
    except ImportError:
        sys.stderr.write("wavefront-tokens needs more: pip install 'wavefront-api-client[cli]'\n")
        return 1
    from wavefront_api_client.cli._app import run

    if None in (sys.stdout, sys.stderr):
        # A file that is opened later, such as one with keys, would get the number of a closed one.
        print("wavefront-tokens needs stdout and stderr to be open", file=sys.stderr or sys.stdout)
        return 1
    for stream in (sys.stdout, sys.stderr):
        # A terminal may not have all characters of a name; a stand-in for a stream takes any text.
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    status = run()
    if status == INTERRUPTED:
        # Otherwise Python would wait for the threads, and they for the answers of other tenants.
        sys.stdout.flush()
        os._exit(status)
    return status
