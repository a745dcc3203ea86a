"""What is public shows by name what it takes, in its signature and in its help; so do its heirs."""

from __future__ import annotations

import functools
import importlib
import inspect
import pickle
import pkgutil
import re
import sys
import typing

from agreement import agree
from cases import for_all

import wavefront_api_client
from wavefront_api_client import ApiTokenApi, Configuration, types
from wavefront_api_client.types import CallOptions


def public_modules():
    yield wavefront_api_client
    for found in pkgutil.walk_packages(wavefront_api_client.__path__, "wavefront_api_client."):
        parts = found.name.split(".")
        # A command is for terminals, and needs more packages than the rest.
        if "cli" not in parts and not any(part.startswith("_") for part in parts):
            yield importlib.import_module(found.name)


def public_callables():
    """The functions and classes that a module exports, and the methods of the classes, by name."""
    for module in public_modules():
        for name in getattr(module, "__all__", ()):
            value = getattr(module, name)
            # That of a protocol is typing's own, and is not for calling.
            constructor = getattr(value, "__init__", None)
            if callable(value) and getattr(constructor, "__module__", None) != "typing":
                yield f"{module.__name__}.{name}", value
            if inspect.isclass(value):
                for key in dir(value):
                    if not key.startswith("_") and callable(getattr(value, key)):
                        yield f"{module.__name__}.{name}.{key}", getattr(value, key)


def test_no_public_signature_hides_parameters_that_no_docstring_tells_of():
    for name, value in public_callables():
        try:
            parameters = inspect.signature(value).parameters.values()
        except ValueError:
            continue
        told = inspect.getdoc(value) or ""
        for each in parameters:
            is_declared = str(each.annotation).startswith("Unpack[")
            named = rf"`?{each.name}`?"
            is_shown = each.kind is not each.VAR_KEYWORD or is_declared or re.search(named, told)
            assert is_shown, f"the signature of {name} shows {each}"


def test_the_help_of_the_class_shows_each_option_with_type_and_meaning():
    told = " ".join(inspect.getdoc(ApiTokenApi).split())
    for option, kind in CallOptions.__annotations__.items():
        shown = f"- `{option}` ({kind.__forward_arg__}): "
        assert shown in told, f"the help of the class lacks {shown}"


def test_what_looks_through_a_wrapper_finds_the_function():
    method = ApiTokenApi.delete_token
    assert "def delete_token(" in inspect.getsource(method)
    assert inspect.unwrap(method).__qualname__ == "ApiTokenApi.delete_token"
    assert pickle.loads(pickle.dumps(method)) is method

    @functools.wraps(method)
    def watched(*args, **kwargs):
        return method(*args, **kwargs)

    assert inspect.signature(watched) == inspect.signature(method)


def test_a_subclass_overrides_a_twin_with_the_same_options(client):
    class Watched(ApiTokenApi):
        def get_all_tokens_with_http_info(self, **options):
            seen.append(options)
            return super().get_all_tokens_with_http_info(**options)

    seen = []
    api = Watched(client)
    assert api.get_all_tokens(_request_timeout=9).status.result == "OK"
    assert seen == [{"_request_timeout": 9, "_return_http_data_only": True}]


def public_methods():
    for name in (*wavefront_api_client.__all__, "RetryPolicy", "AsyncResult"):
        exported = getattr(wavefront_api_client, name, None) or getattr(types, name)
        for attribute in dir(exported) if isinstance(exported, type) else ():
            member = inspect.getattr_static(exported, attribute)
            function = getattr(member, "__func__", getattr(member, "fget", member))
            if inspect.isfunction(function) and not attribute.startswith("_"):
                yield function


@for_all("method", public_methods())
def test_the_types_of_a_method_can_be_asked_for(method):
    if sys.version_info >= (3, 10) or "|" not in str(method.__annotations__):
        assert "return" in typing.get_type_hints(method)


def test_the_help_of_a_configuration_describes_each_setting_and_nothing_else():
    text = inspect.getdoc(Configuration)
    settings = {name for name in Configuration.__annotations__ if not name.startswith("_")}
    agree("the docstring of Configuration", set(re.findall(r":var (\w+):", text)), settings)
    methods = {name for name in vars(Configuration) if not name.startswith("_")} - settings
    official = {"auth_settings", "get_api_key_with_prefix", "get_basic_auth_token", "get_default"}
    official |= {"set_default", "to_debug_report", "credentials_for"}
    properties = {name for name in methods if isinstance(vars(Configuration)[name], property)}
    agree("help(Configuration)", methods - properties, official)
    assert all(vars(Configuration)[name].__doc__ for name in properties)


def test_a_package_shows_its_public_names_alone():
    shown = {name for name in dir(wavefront_api_client) if not name.startswith("__")}
    modules = {info.name for info in pkgutil.iter_modules(wavefront_api_client.__path__)}
    public = {name for name in modules if not name.startswith("_") and name != "cli"}
    agree(
        "dir(wavefront_api_client)",
        shown,
        {*wavefront_api_client.__all__, *public} - {"__version__"},
    )
