"""Point 8: whoever uses the client finds logging, warnings and http.client as they were."""

from __future__ import annotations

import contextlib
import gc
import http.client
import logging
import os
import signal
import subprocess
import sys
import threading
import warnings

import pytest
from hostile import Answer, HostileServer, Reset, configuration_for

from wavefront_api_client import ApiClient, ApiException, ApiTokenApi, Configuration, UserApiToken

OWN = "wavefront_api_client"


def loggers() -> dict[str, tuple]:
    """Everything that can be set on each logger."""
    manager = logging.root.manager
    named = [(name, each) for name, each in manager.loggerDict.items()]
    state = {"root": state_of(logging.root), "disable": manager.disable}
    state |= {name: state_of(each) for name, each in named if isinstance(each, logging.Logger)}
    return state


def state_of(logger: logging.Logger) -> tuple:
    return (
        logger.level,
        list(logger.handlers),
        list(logger.filters),
        logger.propagate,
        logger.disabled,
    )


def surroundings() -> dict[str, object]:
    return {
        "loggers": loggers(),
        "logger class": logging.getLoggerClass(),
        "record factory": logging.getLogRecordFactory(),
        "warnings": list(warnings.filters),
        "showwarning": warnings.showwarning,
        "http.client": http.client.HTTPConnection.debuglevel,
        "response class": http.client.HTTPConnection.response_class,
        "header limit": http.client._MAXHEADERS,  # type: ignore[attr-defined]
        "excepthook": sys.excepthook,
        "thread hook": threading.excepthook,
        "signals": [signal.getsignal(number) for number in signal.valid_signals()],
        "environment": dict(os.environ),
        "recursion": sys.getrecursionlimit(),
    }


def known(before: dict, after: dict) -> dict:
    """After, without loggers that are new and untouched."""
    untouched = (logging.NOTSET, [], [], True, False)
    new = set(after["loggers"]) - set(before["loggers"])
    kept = {
        name: state
        for name, state in after["loggers"].items()
        if not (name in new and state == untouched)
    }
    return {**after, "loggers": kept}


def test_a_thousand_calls(connect):
    before = surroundings()
    with HostileServer([Answer()]) as server:
        with ApiClient(configuration_for(server.url)) as client:
            api = ApiTokenApi(client)
            for _ in range(1000):
                api.get_all_tokens()
    assert server.connections == 1
    assert known(before, surroundings()) == before


def test_faults_and_retries(connect):
    before = surroundings()
    with HostileServer([Reset(), Answer(503, b""), Answer(400, b"")]) as server:
        with ApiClient(configuration_for(server.url)) as client, pytest.raises(ApiException):
            ApiTokenApi(client).get_all_tokens()
    assert known(before, surroundings()) == before


def test_many_configurations_and_models():
    before = surroundings()
    for _ in range(100):
        Configuration()
        UserApiToken(token_id="x")
    assert known(before, surroundings()) == before


def run(script: str, *options: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *options, "-c", script],
        capture_output=True,
        text=True,
        timeout=20,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(p for p in sys.path if p)},
    )


def test_import_changes_nothing():
    """In a fresh interpreter; urllib3 and logging.NullHandler come with urllib3's own import."""
    script = """if True:
        import http.client, urllib3, urllib3.connectionpool, urllib3.contrib, threading, sys
        from test_fault_footprint_state import state
        before = state()
        import wavefront_api_client
        from wavefront_api_client import *
        after = state()
        assert before == after, (before, after)
        assert threading.active_count() == 1
    """
    state = """if True:
        import logging, warnings, http.client, sys, types
        def state():
            named = {n: (l.level, l.handlers[:], l.propagate) for n, l in
                     logging.root.manager.loggerDict.items() if isinstance(l, logging.Logger)
                     and (l.level or l.handlers or not l.propagate)}
            return (named, logging.root.level, logging.root.handlers[:], list(warnings.filters),
                    http.client.HTTPConnection.debuglevel, sys.excepthook)
        module = types.ModuleType("test_fault_footprint_state")
        module.state = state
        sys.modules[module.__name__] = module
    """
    done = run(state + "\n" + script)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


# --- debug and logger_file --------------------------------------------------------------------


def handlers() -> list[logging.Handler]:
    return list(logging.getLogger(OWN).handlers)


def others(state: dict) -> dict:
    return {
        **state,
        "loggers": {
            name: value for name, value in state["loggers"].items() if not name.startswith(OWN)
        },
    }


def test_debug_acts_on_our_own_logger_only(capfd):
    before = surroundings()
    with HostileServer([Answer()]) as server:
        with ApiClient(configuration_for(server.url, debug=True)) as client:
            ApiTokenApi(client).get_all_tokens()
            assert others(surroundings()) == others(before)
            client.configuration.debug = False
    assert "/api/v2/apitoken" in "".join(capfd.readouterr())
    assert known(before, surroundings()) == before


def test_at_most_one_handler(tmp_path):
    before = handlers()
    kept = []
    for n in range(50):
        configuration = Configuration()
        configuration.debug = True
        configuration.logger_file = str(tmp_path / f"{n % 3}.log")
        kept.append(configuration)
        assert len(handlers()) <= len(before) + 1
    for configuration in kept:
        configuration.debug = False
        configuration.logger_file = None
    assert handlers() == before


def test_the_handler_goes_with_its_configuration(tmp_path):
    before = surroundings()
    for _ in range(3):
        configuration = Configuration()
        configuration.debug = True
        configuration.logger_file = str(tmp_path / "x.log")
        assert len(handlers()) == 1
        del configuration
        gc.collect()
        assert known(before, surroundings()) == before


def test_a_line_is_written_once(tmp_path):
    path = tmp_path / "x.log"
    with HostileServer([Answer()]) as server, contextlib.ExitStack() as stack:
        clients = [
            stack.enter_context(
                ApiClient(configuration_for(server.url, debug=True, logger_file=str(path)))
            )
            for _ in range(3)
        ]
        ApiTokenApi(clients[0]).get_all_tokens()
        lines = [line for line in path.read_text().splitlines() if "apitoken" in line]
        for client in clients:
            client.configuration.debug = False
            client.configuration.logger_file = None
    assert len(lines) == len(set(lines)) >= 1


def test_the_level_someone_set_comes_back():
    logger = logging.getLogger(OWN)
    logger.setLevel(logging.ERROR)
    try:
        configuration = Configuration()
        configuration.debug = True
        assert logger.getEffectiveLevel() == logging.DEBUG
        configuration.debug = False
        assert logger.level == logging.ERROR
    finally:
        logger.setLevel(logging.NOTSET)


def test_a_log_file_that_cannot_be_written_is_refused(tmp_path):
    before = surroundings()
    configuration = Configuration()
    with pytest.raises(OSError):
        configuration.logger_file = str(tmp_path / "no" / "such" / "folder.log")
    del configuration
    gc.collect()
    assert known(before, surroundings()) == before


def test_nothing_is_printed_by_default(capfd):
    with HostileServer([Reset(), Answer(503, b""), Answer(400, b"no")]) as server:
        with ApiClient(configuration_for(server.url)) as client, pytest.raises(ApiException):
            ApiTokenApi(client).get_all_tokens()
    assert capfd.readouterr() == ("", "")
