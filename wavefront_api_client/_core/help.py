"""What `help` and editors show of methods with `**options`: each option in its place."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import inspect
    from collections.abc import Iterable
    from typing import Any, Callable


class _Shown:
    """Stands between a method and its function, for `inspect.signature` to find on its way."""

    __slots__ = ("__wrapped__", "_options")

    def __init__(
        self,
        function: Callable[..., Any],
        options: Callable[[inspect.Parameter], Iterable[inspect.Parameter]],
    ) -> None:
        self.__wrapped__ = function
        self._options = options

    @property
    def __signature__(self) -> inspect.Signature:
        """That of the function with its options, put together when somebody looks at it."""
        import inspect

        own = inspect.signature(self.__wrapped__)
        *parameters, variadic = own.parameters.values()
        kind = inspect.Parameter.KEYWORD_ONLY
        options = [each.replace(kind=kind) for each in self._options(variadic)]
        return own.replace(parameters=[*parameters, *options])


def show_options(
    method: Any,
    options: Callable[[inspect.Parameter], Iterable[inspect.Parameter]],
    text: str = "",
) -> None:
    """Have the signature and the docstring of a method name what its `**options` are.

    :param method: one that is `forgetful`.
    :param options: gives the parameters that stand behind that one.
    :param text: added to the docstring.
    """
    method.__wrapped__ = _Shown(method.__wrapped__, options)
    # There is no docstring if Python is told to do without.
    method.__doc__ = method.__doc__ and method.__doc__.rstrip() + text


def part_for_methods(text: str, title: str) -> str:
    """The part of a class's docstring below a line, in the indent of its methods' docstrings.

    :param text: the docstring.
    :param title: the line, which becomes part of it; the part ends where parameters begin.
    """
    before, title, after = text.partition(title)
    indent = before.rpartition("\n")[2]
    part = f"\n\n{indent}{title}{after.partition(':param')[0].rstrip()}"
    # A method is indented twice as far as its class; since Python 3.13 no docstring is.
    return part.replace(f"\n{indent}", f"\n{indent}{indent}")
