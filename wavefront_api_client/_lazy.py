"""Lets a package import its exports when they are first used."""

from __future__ import annotations

import sys

# As in the package itself, which imports this module.
TYPE_CHECKING: bool = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping


def exports(
    package: str, homes: Mapping[str, str], submodules: Iterable[str] = ()
) -> tuple[Callable[[str], object], Callable[[], list[str]]]:
    """The functions `__getattr__` and `__dir__` of a package: names are in modules below it."""
    modules = {*homes.values(), *submodules}

    def getattr_of_package(name: str) -> object:
        from importlib import import_module

        if name in modules:
            return import_module(f"{package}.{name}")
        if name in homes:
            value: object = getattr(import_module(f"{package}.{homes[name]}"), name)
            setattr(sys.modules[package], name, value)
            return value
        problem = f"module {package!r} has no attribute {name!r}"
        if name.endswith("Api"):
            import warnings

            problem += ": of the classes of the official client, it has ApiTokenApi alone"
            # `from ... import` replaces the text of the error.
            warnings.warn(problem, stacklevel=2)
        raise AttributeError(problem)

    def dir_of_package() -> list[str]:
        special = {name for name in vars(sys.modules[package]) if name.startswith("__")}
        return sorted({*special, *homes, *modules})

    return getattr_of_package, dir_of_package
