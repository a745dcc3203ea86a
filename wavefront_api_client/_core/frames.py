"""Empties the frames that an error came through: who reports the error shows what they hold."""

from __future__ import annotations

import sys
from contextlib import suppress
from functools import wraps
from types import FunctionType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType, TracebackType
    from typing import Any, Callable, TypeVar

    C = TypeVar("C", bound=type)
    F = TypeVar("F", bound=Callable[..., Any])

_CAN_PAUSE = 0x20 | 0x80 | 0x200
"""Flags of the code of generators, coroutines and asynchronous generators."""


def forgetful(function: F) -> F:
    """Have a function leave nothing of what it was given, or made of it, in a traceback.

    :param function: that may fail.
    """

    @wraps(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        try:
            return function(*args, **kwargs)
        except BaseException as error:
            del args, kwargs
            forget_locals(error)
            raise

    return call  # type: ignore[return-value]


def forgetful_methods(cls: C) -> C:
    """Make the public methods of a class `forgetful`."""
    for name, value in list(vars(cls).items()):
        if isinstance(value, FunctionType) and not name.startswith("_"):
            setattr(cls, name, forgetful(value))
    return cls


def forget_locals(error: BaseException) -> None:
    """Empty the frames below that of the caller, which has to delete its locals itself.

    The lines of the traceback stay, and so does all of an error that was being handled before.

    :param error: that the caller is handling.
    """
    at_work = set(_frames_at_work())
    seen, left = set(), [error]
    while left:
        each = left.pop()
        trace = each.__traceback__
        seen.add(id(each))
        if each is error or trace is None or trace.tb_frame not in at_work:
            _empty(trace, at_work)
            links = (each.__cause__, each.__context__)
            left += [link for link in links if link is not None and id(link) not in seen]


def _frames_at_work() -> Iterator[FrameType]:
    frame: FrameType | None = sys._getframe(2)
    while frame is not None:
        yield frame
        frame = frame.f_back


def _empty(trace: TracebackType | None, at_work: set[FrameType]) -> None:
    while trace is not None:
        frame = trace.tb_frame
        if frame not in at_work and not _may_be_paused(frame):
            # One may be at work in another thread.
            with suppress(RuntimeError):
                frame.clear()
        trace = trace.tb_next


def _may_be_paused(frame: FrameType) -> bool:
    """Whether to empty a frame could end somebody else's generator, before Python 3.13."""
    is_ours = str(frame.f_globals.get("__name__")).startswith(__name__.partition(".")[0])
    return bool(frame.f_code.co_flags & _CAN_PAUSE) and not is_ours
