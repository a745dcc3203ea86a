"""_core.logs: one handler on our own logger while someone asks for it, and no trace after."""

from __future__ import annotations

import copy
import gc
import http.client
import logging
import os
import threading
import weakref
from contextlib import suppress

import pytest

from wavefront_api_client import Configuration
from wavefront_api_client._core import logs

OURS = logging.getLogger("wavefront_api_client")
URLLIB3 = logging.getLogger("urllib3")


def footprint():
    loggers = (OURS, URLLIB3, logging.getLogger("wavefront_api_client.rest"), logging.root)
    return [(log.level, list(log.handlers), log.propagate) for log in loggers] + [
        http.client.HTTPConnection.debuglevel
    ]


@pytest.fixture(autouse=True)
def untouched():
    gc.collect()
    before = footprint()
    assert OURS.handlers == []
    yield
    gc.collect()
    assert footprint() == before


def test_a_configuration_leaves_no_trace():
    before = footprint()
    configuration = Configuration()
    configuration.debug = False
    configuration.logger_file = None
    configuration.logger_format = "%(message)s"
    assert footprint() == before


def test_the_loggers_are_shown():
    assert Configuration().logger == {"package_logger": OURS, "urllib3_logger": URLLIB3}


def test_debug_shows_our_log_on_stderr_and_nothing_else_changes(capsys):
    others = footprint()[1:]
    configuration = Configuration(debug=True)
    configuration.logger_format = "%(levelname)s|%(name)s|%(message)s"
    assert OURS.level == logging.DEBUG
    assert len(OURS.handlers) == 1
    assert footprint()[1:] == others
    logging.getLogger("wavefront_api_client.rest").debug("hello")
    configuration.debug = False
    logging.getLogger("wavefront_api_client.rest").debug("not this")
    output = capsys.readouterr()
    assert output.err == "DEBUG|wavefront_api_client.rest|hello\n"
    assert output.out == ""
    assert OURS.handlers == []
    assert OURS.level == logging.NOTSET


def test_debug_is_read_back():
    configuration = Configuration()
    assert configuration.debug is False
    configuration.debug = 1
    assert configuration.debug is True
    configuration.debug = 0
    assert configuration.debug is False


def test_a_file_gets_the_log_in_the_format(tmp_path):
    path = tmp_path / "log"
    configuration = Configuration()
    configuration.logger_file = str(path)
    assert configuration.logger_file == str(path)
    assert configuration.logger_format == "%(asctime)s %(levelname)s %(message)s"
    OURS.warning("one")
    configuration.logger_format = "<%(message)s>"
    OURS.warning("two")
    configuration.logger_file = None
    OURS.warning("three")
    first, second = path.read_text().splitlines()
    assert first.endswith(" WARNING one")
    assert second == "<two>"


def test_a_file_alone_does_not_lower_the_level(tmp_path):
    configuration = Configuration()
    configuration.logger_file = str(tmp_path / "log")
    assert OURS.level == logging.NOTSET
    configuration.debug = True
    assert OURS.level == logging.DEBUG
    configuration.debug = False
    assert OURS.level == logging.NOTSET
    assert len(OURS.handlers) == 1


def test_debug_and_a_file_write_to_the_file_only(tmp_path, capsys):
    path = tmp_path / "log"
    configuration = Configuration(debug=True)
    configuration.logger_file = str(path)
    assert len(OURS.handlers) == 1
    OURS.debug("x")
    configuration.debug = False
    configuration.logger_file = None
    assert path.read_text().endswith(" DEBUG x\n")
    assert capsys.readouterr().err == ""


def test_many_configurations_add_one_handler(capsys):
    configurations = [Configuration(debug=True) for _ in range(20)]
    assert len(OURS.handlers) == 1
    OURS.debug("once")
    assert capsys.readouterr().err.count("once") == 1
    while configurations:
        assert OURS.level == logging.DEBUG
        assert len(OURS.handlers) == 1
        configurations.pop().debug = False
    assert OURS.handlers == []


def test_the_latest_wish_wins_and_the_one_before_comes_back(tmp_path):
    one, other = Configuration(), Configuration()
    one.logger_file = str(tmp_path / "one")
    other.logger_file = str(tmp_path / "other")
    OURS.warning("to the other")
    other.logger_file = None
    OURS.warning("to the first")
    one.logger_file = None
    assert (tmp_path / "one").read_text().splitlines()[0].endswith("to the first")
    assert (tmp_path / "other").read_text().splitlines()[0].endswith("to the other")


def test_the_log_goes_away_with_the_configuration():
    configuration = Configuration(debug=True)
    assert len(OURS.handlers) == 1
    del configuration
    gc.collect()
    assert OURS.handlers == []
    assert OURS.level == logging.NOTSET


def test_the_level_is_what_it_was_before():
    OURS.setLevel(logging.ERROR)
    try:
        configuration = Configuration(debug=True)
        assert OURS.level == logging.DEBUG
        configuration.debug = True
        configuration.debug = False
        assert OURS.level == logging.ERROR
    finally:
        OURS.setLevel(logging.NOTSET)


def test_handlers_of_the_program_stay():
    handler = logging.NullHandler()
    OURS.addHandler(handler)
    try:
        configuration = Configuration(debug=True)
        assert len(OURS.handlers) == 2
        configuration.debug = False
        assert OURS.handlers == [handler]
    finally:
        OURS.removeHandler(handler)


def test_copies_of_a_default_that_debugs_debug():
    default = Configuration(debug=True)
    Configuration.set_default(default)
    made = Configuration()
    assert made.debug is True
    Configuration.set_default(None)
    default.debug = False
    assert len(OURS.handlers) == 1
    made.debug = False
    assert OURS.handlers == []


def test_a_copied_configuration_is_forgotten_with_its_original():
    configuration = Configuration(debug=True)
    other = copy.copy(configuration)
    other.debug = False
    assert configuration.debug is True
    assert len(OURS.handlers) == 1


def test_a_file_that_cannot_be_written_is_an_error(tmp_path):
    configuration = Configuration()
    with pytest.raises(OSError, match="nowhere"):
        configuration.logger_file = str(tmp_path / "nowhere" / "log")
    assert OURS.handlers == []
    other = Configuration(debug=True)
    other.debug = False
    configuration.logger_file = None
    assert OURS.handlers == []


def test_the_file_is_closed_when_no_longer_wished(tmp_path):
    configuration = Configuration()
    configuration.logger_file = str(tmp_path / "log")
    (handler,) = OURS.handlers
    configuration.logger_file = None
    assert handler.stream is None


# Whoever comes in between


def finalizers(owner):
    return [info for info in weakref.finalize._registry.values() if info.weakref() is owner]


def test_a_thousand_toggles_leave_one_finalizer():
    configuration = Configuration()
    assert finalizers(configuration) == []
    for _ in range(1000):
        configuration.debug = True
        configuration.debug = False
    assert len(finalizers(configuration)) == 1


def test_a_configuration_at_the_place_of_another_is_followed_as_well():
    for _ in range(50):
        configuration = Configuration(debug=True)
        assert len(finalizers(configuration)) == 1
        assert len(OURS.handlers) == 1
        del configuration
        assert OURS.handlers == []


@pytest.mark.parametrize("step", ["addHandler", "removeHandler", "setLevel"])
def test_what_interrupts_a_change_changes_it_afterwards(monkeypatch, step):
    one, other = Configuration(), Configuration(debug=True)
    change = getattr(OURS, step)

    def interrupted(*args):
        monkeypatch.setattr(OURS, step, change)
        one.debug = False
        other.debug = False
        return change(*args)

    monkeypatch.setattr(OURS, step, interrupted)
    one.debug = True
    other.debug = False
    one.debug = False
    assert (OURS.handlers, OURS.level) == ([], logging.NOTSET)


def test_another_thread_does_not_wait_for_a_change():
    with logs._output.locks.setdefault(os.getpid(), threading.RLock()):
        thread = threading.Thread(target=lambda: Configuration(debug=True))
        thread.start()
        thread.join(5)
        assert not thread.is_alive()
        assert OURS.handlers == []
    configuration = Configuration(debug=True)
    gc.collect()
    assert len(OURS.handlers) == 1
    configuration.debug = False


class InterruptedLock:
    """A lock that is taken, but whoever takes it first is interrupted before they know."""

    def __init__(self):
        self.lock, self.release = threading.RLock(), None

    def acquire(self, blocking):
        self.lock.acquire(blocking)
        if self.release is None:
            self.release = self.lock.release
            raise KeyboardInterrupt
        return True


def test_an_interrupt_does_not_leave_the_lock_taken(monkeypatch):
    monkeypatch.setitem(logs._output.locks, os.getpid(), InterruptedLock())
    configuration = Configuration()
    with pytest.raises(KeyboardInterrupt):
        configuration.debug = True
    configuration.debug = True
    assert len(OURS.handlers) == 1
    configuration.debug = False
    assert (OURS.handlers, OURS.level) == ([], logging.NOTSET)


@pytest.mark.parametrize("step", ["addHandler", "removeHandler", "setLevel"])
@pytest.mark.parametrize("debug", [True, False])
def test_an_interrupted_change_is_put_right_by_the_next(monkeypatch, step, debug):
    change = getattr(OURS, step)

    def interrupted(*args):
        raise KeyboardInterrupt

    configuration, other = Configuration(), Configuration(debug=not debug)
    with monkeypatch.context() as patch:
        patch.setattr(OURS, step, interrupted)
        with suppress(KeyboardInterrupt):
            other.debug = debug
    assert getattr(OURS, step) == change
    configuration.debug = True
    assert (len(OURS.handlers), OURS.level) == (1, logging.DEBUG)
    configuration.debug = other.debug = False
    assert (OURS.handlers, OURS.level) == ([], logging.NOTSET)


def test_after_a_fork_no_lock_of_another_process_counts(monkeypatch):
    with logs._output.locks.setdefault(os.getpid(), threading.RLock()):
        monkeypatch.setattr(os, "getpid", lambda: -1)
        configuration = Configuration(debug=True)
        assert len(OURS.handlers) == 1
        configuration.debug = False
