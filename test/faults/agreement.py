"""How lists are compared: a failure names what is missing, or too much, and where."""

from __future__ import annotations


def agree(where, found, expected):
    """Two lists, sets or dictionaries are the same, lists in their order.

    :param where: what was looked at, as the message names it.
    :param found: what is there.
    :param expected: what has to be there.
    """
    missing = [each for each in expected if each not in found]
    assert not missing, f"{where} lacks {shown(missing)}"
    extra = [each for each in found if each not in expected]
    assert not extra, f"{where} has {shown(extra)}, which should not be there"
    if isinstance(expected, dict):
        for key, value in expected.items():
            assert found[key] == value, f"{where} has {found[key]!r} for {key}, not {value!r}"
    if isinstance(expected, list):
        assert list(found) == list(expected), f"{where} has another order than {shown(expected)}"


def shown(names):
    """Names in a sentence."""
    return ", ".join(map(str, sorted(names, key=str)))
