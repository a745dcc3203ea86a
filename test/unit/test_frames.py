"""_core.secrets: clears the frames that an error came through."""

from __future__ import annotations

import inspect
import pickle
import threading
import traceback

import pytest

from wavefront_api_client import ApiTokenApi
from wavefront_api_client._core.operations import OPERATIONS
from wavefront_api_client._core.secrets import clears_frames, clears_frames_of_methods

WAIT = 10


def locals_in(error):
    """The locals of each frame of a traceback, the caller's left out."""
    return [dict(frame.f_locals) for frame, _ in traceback.walk_tb(error.__traceback__)][1:]


def fail(error):
    of_the_inner = "inner"
    raise error or ValueError(of_the_inner)


@clears_frames
def call(value, error=None):
    """What it does."""
    fail(error)


@clears_frames
def echo(*args, **kwargs):
    return args, kwargs


def test_what_succeeds_is_as_it_was():
    assert echo(1, a=2) == ((1,), {"a": 2})


def test_it_looks_like_what_it_wraps():
    assert (call.__name__, call.__doc__) == ("call", "What it does.")
    assert list(inspect.signature(call).parameters) == ["value", "error"]
    assert pickle.loads(pickle.dumps(call)) is call


@pytest.mark.parametrize("error", [ValueError(), KeyboardInterrupt(), GeneratorExit()])
def test_all_frames_below_are_empty(error):
    with pytest.raises(type(error)) as caught:
        call("secret", error)
    assert caught.value is error
    assert [set(names) for names in locals_in(error)] == [{"function"}, set(), set()]
    names = [each.name for each in traceback.extract_tb(error.__traceback__)]
    assert names[1:] == ["call", "call", "fail"]


def test_arguments_that_do_not_fit_are_forgotten():
    with pytest.raises(
        TypeError, match=r"^call\(\) got an unexpected keyword argument 'x'$"
    ) as caught:
        call(x="secret")
    assert [set(names) for names in locals_in(caught.value)] == [{"function"}]


def fail_late(explicit):
    held = "held"
    try:
        fail(None)
    except ValueError as error:
        raise KeyError(held) from (error if explicit else None)


@pytest.mark.parametrize("explicit", [True, False])
def test_what_led_to_it_forgets_too(explicit):
    with pytest.raises(KeyError) as caught:
        clears_frames(fail_late)(explicit)
    inner = caught.value.__context__
    assert [frame.f_locals for frame, _ in traceback.walk_tb(inner.__traceback__)] == [{}, {}]


def test_errors_in_a_circle_have_an_end():
    first, second = ValueError(), KeyError()
    first.__cause__, second.__context__ = second, first
    with pytest.raises(ValueError):
        call("secret", first)
    assert locals_in(first)[1:] == [{}, {}]


def test_what_was_being_handled_before_is_not_touched():
    def of_the_caller(value):
        raise KeyError

    with pytest.raises(ValueError) as caught:
        try:
            of_the_caller("value")
        except KeyError:
            call("secret")
    assert locals_in(caught.value.__context__) == [{"value": "value"}]
    assert locals_in(caught.value)[1:] == [{}, {}]


def test_a_frame_at_work_in_another_thread_is_left_alone():
    errors, go_on, results = [], threading.Event(), []

    def work(held):
        try:
            fail(None)
        except ValueError as error:
            errors.append(error)
            is_told.set()
            go_on.wait(WAIT)
        results.append(held)

    is_told = threading.Event()
    thread = threading.Thread(target=work, args=("held",))
    thread.start()
    try:
        assert is_told.wait(WAIT)
        with pytest.raises(ValueError):
            call("secret", errors[0])
    finally:
        go_on.set()
        thread.join(WAIT)
    assert results == ["held"]


def test_a_class_forgets_in_its_public_methods():
    @clears_frames_of_methods
    class Example:
        value = 1

        def public(self):
            return self._private()

        def _private(self):
            return self.value

    assert Example().public() == 1
    assert hasattr(Example.public, "__wrapped__")
    assert not hasattr(Example._private, "__wrapped__")


def test_all_calls_are_clears_frames():
    public = [method for name, method in vars(ApiTokenApi).items() if not name.startswith("_")]
    assert len(public) == 2 * len(OPERATIONS)
    assert all(hasattr(method, "__wrapped__") for method in public)
