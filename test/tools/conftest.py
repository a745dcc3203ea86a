"""A tool that is absent is a test skipped, except where all of them were asked for."""

from __future__ import annotations

import os


def pytest_sessionfinish(session):
    if os.environ.get("WAVEFRONT_TOOLS") == "all":
        reporter = session.config.pluginmanager.get_plugin("terminalreporter")
        if reporter is not None and reporter.stats.get("skipped"):
            session.exitstatus = 1
