"""What is public shows by name what it takes, in its signature and in its help; so do its heirs."""

from __future__ import annotations

import ast
import functools
import importlib
import inspect
import pickle
import pkgutil
import pydoc
import subprocess
import sys
from pathlib import Path
from unittest import mock

import pytest

import wavefront_api_client
from wavefront_api_client import ApiTokenApi
from wavefront_api_client.rest import RESTClientObject
from wavefront_api_client.types import BodyOptions, CallOptions

METHODS = [name for name in vars(ApiTokenApi) if not name.startswith("_")]


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
            is_shown = each.kind is not each.VAR_KEYWORD or f":param {each.name}:" in told
            assert is_shown, f"the signature of {name} shows {each}"


def documented(cls):
    """The text below each annotation of a class, in one line."""
    (node,) = ast.parse(inspect.getsource(cls)).body
    for line, text in zip(node.body, node.body[1:]):
        if isinstance(line, ast.AnnAssign):
            yield line.target.id, ast.unparse(line.annotation), " ".join(text.value.value.split())


@pytest.mark.parametrize("name", METHODS)
def test_the_help_of_a_method_shows_each_option_with_type_and_meaning(name):
    told = " ".join(pydoc.render_doc(getattr(ApiTokenApi, name), renderer=pydoc.plaintext).split())
    assert "**" not in told
    for option, kind, meaning in documented(CallOptions):
        assert f"{option}: {kind!r} = " in told or f"{option}: {kind} = " in told
        assert f"- `{option}` ({kind}): {meaning}" in told, f"the help of {name} lacks {option}"


def test_the_options_of_a_signature_are_those_that_types_declares():
    for name, declared in {"delete_token": CallOptions, "update_token_name": BodyOptions}.items():
        for method in (name, f"{name}_with_http_info"):
            parameters = list(inspect.signature(getattr(ApiTokenApi, method)).parameters.values())
            shown = {each.name: each.annotation for each in parameters[2:]}
            annotations = declared.__annotations__.items()
            assert shown == {option: kind.__forward_arg__ for option, kind in annotations}
            assert {each.kind for each in parameters[2:]} == {inspect.Parameter.KEYWORD_ONLY}


def test_a_method_named_like_an_http_method_takes_what_a_request_takes():
    request = list(inspect.signature(RESTClientObject.request).parameters)
    assert list(inspect.signature(RESTClientObject.PUT).parameters) == ["self", *request[2:]]


def test_a_mock_with_the_signatures_takes_the_options_and_refuses_others():
    api = mock.create_autospec(ApiTokenApi)()
    api.delete_token("x", _request_timeout=3, async_req=True)
    api.delete_token.assert_called_once_with("x", async_req=True, _request_timeout=3)
    api.update_token_name(id="x", body={"tokenName": "ci"})
    for wrong in ({"body": {}}, {"timeout": 3}, {"_request_timout": 3}):
        with pytest.raises(TypeError):
            api.delete_token("x", **wrong)
    with pytest.raises(TypeError):
        api.delete_token()


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
    assert "async_req" in inspect.signature(api.get_all_tokens).parameters


def test_help_costs_nothing_before_somebody_asks():
    code = (
        "import sys; before = set(sys.modules); import wavefront_api_client.api.api_token_api as m;"
        "names = {'inspect', 'wavefront_api_client.types'} - before;"
        "assert not names & set(sys.modules), names & set(sys.modules);"
        "import inspect; print(m.ApiTokenApi.create_token.__doc__, 'async_req' in"
        " inspect.signature(m.ApiTokenApi.create_token).parameters)"
    )
    finished = subprocess.run(
        [sys.executable, "-OO", "-c", code],
        cwd=Path(wavefront_api_client.__file__).parents[1],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert (finished.stdout, finished.stderr) == ("None True\n", "")
