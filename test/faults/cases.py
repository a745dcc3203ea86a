"""Many cases in one test, and some of all pairs: a test by itself costs more than most calls."""

from __future__ import annotations

import functools
import inspect
import itertools
import os
from collections.abc import Iterable
from typing import Any, Callable

import pytest
from hypothesis import settings
from hypothesis import strategies as st

SHARE = os.environ.get("WAVEFRONT_CHAOS_SHARE", "0")
"""Which of the pairs are tested, a number or "all"; other environments of tox have other ones."""

DRAWS = float(os.environ.get("WAVEFRONT_CHAOS_DRAWS", "0.25"))
"""Which part of its examples a test with drawn values tries; in tox it tries all of them."""


def for_all(names: str | tuple[str, ...], values: Iterable[Any]) -> Callable[..., Any]:
    """As `pytest.mark.parametrize`, in one test, which prints in which case it failed.

    Each case has a `monkeypatch` of its own; what else the test is given, all of them share.
    """
    words = names.split(", ") if isinstance(names, str) else names
    cases = [dict(zip(words, value if len(words) > 1 else [value])) for value in values]
    assert cases

    def decorate(test: Callable[..., None]) -> Callable[..., None]:
        signature = inspect.signature(test)

        @functools.wraps(test)
        def run(**given: Any) -> None:
            for case in cases:
                with pytest.MonkeyPatch.context() as patch:
                    if "monkeypatch" in signature.parameters:
                        given["monkeypatch"] = patch
                    try:
                        test(**given, **case)
                    except BaseException:
                        print("the case is", ascii(case))  # noqa: T201 (pytest shows it)
                        raise

        own = {*words, "monkeypatch"}
        left = [each for name, each in signature.parameters.items() if name not in own]
        run.__signature__ = signature.replace(parameters=left)  # type: ignore[attr-defined]
        return run

    return decorate


def pairs(rows: Iterable[Any], columns: Iterable[Any], of: int = 3) -> list[tuple[Any, ...]]:
    """Each row with one in `of` columns, the next row with the next ones; tuples are laid flat."""
    product = itertools.product(enumerate(rows), enumerate(columns))
    return [
        (*_flat(row), *_flat(column))
        for (i, row), (j, column) in product
        if SHARE == "all" or (i + j - int(SHARE)) % of == 0
    ]


def share(values: Iterable[Any], of: int = 3) -> list[Any]:
    """One in `of` of these values."""
    return [each for each, _ in pairs(values, [None], of)]


def drawn(examples: int) -> settings:
    """How hypothesis draws its examples: each time the same ones."""
    count = max(5, round(examples * DRAWS))
    return settings(max_examples=count, deadline=None, derandomize=True, database=None)


SOME = "".join(map(chr, [*range(0x180), 0x212A, 0x2028, 0x202E, 0x3000, 0xFF0E, 0xFFFD, 0x1F600]))
"""Of each kind a few; a table of all characters takes each process a second to make."""


def characters(*more: str) -> Any:
    """Draws any character, and lone surrogates if they are among `more`; by default, some."""
    if DRAWS < 1:
        return st.sampled_from(SOME + "".join(more))
    return st.characters(codec="utf-8") | st.sampled_from("a" + "".join(more))


def texts(**sizes: int) -> Any:
    """Draws any text, by default of some characters."""
    return st.text(characters(), **sizes)


def _flat(value: Any) -> tuple[Any, ...]:
    return value if isinstance(value, tuple) else (value,)
