"""The package: import paths, names, and loading on first use."""

from __future__ import annotations

import importlib
import re
import subprocess
import sys

import pytest
from cases import for_all

import wavefront_api_client
from wavefront_api_client import exceptions

MODELS = {
    "ApiTokenModel": "api_token_model",
    "ResponseContainerApiTokenModel": "response_container_api_token_model",
    "ResponseContainerListApiTokenModel": "response_container_list_api_token_model",
    "ResponseContainerListUserApiToken": "response_container_list_user_api_token",
    "ResponseContainerUserApiToken": "response_container_user_api_token",
    "ResponseStatus": "response_status",
    "UserApiToken": "user_api_token",
}
EXCEPTIONS = {
    "ApiConnectionException",
    "ApiException",
    "ApiTimeoutException",
    "ApiTlsException",
    "BadRequestException",
    "ConflictException",
    "ForbiddenException",
    "InvalidResponseException",
    "NotFoundException",
    "ServiceException",
    "TooManyRequestsException",
    "UnauthorizedException",
}
NAMES = {"ApiTokenApi", "ApiClient", "Configuration", "__version__", *MODELS, *EXCEPTIONS}

PATHS = [
    ("wavefront_api_client.api", "ApiTokenApi"),
    ("wavefront_api_client.api.api_token_api", "ApiTokenApi"),
    ("wavefront_api_client.api_client", "ApiClient"),
    ("wavefront_api_client.configuration", "Configuration"),
    ("wavefront_api_client.rest", "RESTClientObject"),
    ("wavefront_api_client.rest", "RESTResponse"),
    *[("wavefront_api_client.rest", name) for name in sorted(EXCEPTIONS)],
    *[("wavefront_api_client.exceptions", name) for name in sorted(EXCEPTIONS)],
    *[("wavefront_api_client.models", name) for name in MODELS],
    *[(f"wavefront_api_client.models.{module}", name) for name, module in MODELS.items()],
]


def in_new_process(code):
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        env={"PYTHONPATH": ":".join(sys.path)},
    )
    assert done.stderr == ""
    return done.stdout.strip()


def test_all_names_exactly_the_public_ones():
    assert set(wavefront_api_client.__all__) == NAMES
    assert len(wavefront_api_client.__all__) == len(NAMES)


def test_every_exception_is_public():
    def family(cls):
        ours = [sub for sub in cls.__subclasses__() if sub.__module__ == exceptions.__name__]
        return {cls.__name__}.union(*map(family, ours))

    assert family(exceptions.ApiException) == EXCEPTIONS
    assert set(exceptions.__all__) == EXCEPTIONS


@for_all("name", sorted(NAMES))
def test_every_name_can_be_had(name):
    assert getattr(wavefront_api_client, name) is getattr(wavefront_api_client, name)


@for_all(("module", "name"), PATHS)
def test_every_import_path_gives_the_same_object(module, name):
    value = getattr(importlib.import_module(module), name)
    assert value.__name__ == name
    if name in NAMES:
        assert getattr(wavefront_api_client, name) is value


def test_rest_offers_its_classes_and_the_exceptions():
    assert {"RESTClientObject", "RESTResponse", *EXCEPTIONS} <= set(
        importlib.import_module("wavefront_api_client.rest").__all__
    )


def test_dir_shows_all_names_and_modules():
    shown = dir(wavefront_api_client)
    assert shown == sorted(shown)
    assert set(shown) >= NAMES
    assert {"api", "api_client", "configuration", "exceptions", "models", "rest"} <= set(shown)


@for_all("name", ["Nix", "_nix", "ApiNix", "NixException", "six"])
def test_another_name_is_an_attribute_error(name):
    with pytest.raises(AttributeError) as caught:
        getattr(wavefront_api_client, name)
    expected = f"module 'wavefront_api_client' has no attribute {name!r}"
    assert str(caught.value) == expected
    with pytest.raises(ImportError):
        exec(f"from wavefront_api_client import {name}")  # noqa: S102 (a constant of this file)


@for_all(
    "module",
    [
        "models",
        "models.user_api_token",
        "models.response_status",
        "api",
        "api.api_token_api",
        "rest",
        "configuration",
        "api_client",
    ],
)
def test_modules_are_there_on_first_use(module):
    code = f"import wavefront_api_client; print(wavefront_api_client.{module}.__name__)"
    assert in_new_process(code) == f"wavefront_api_client.{module}"


def test_the_modules_on_first_use_are_the_modules():
    for name in ("api", "api_client", "configuration", "exceptions", "models", "rest", "retry"):
        module = importlib.import_module(f"wavefront_api_client.{name}")
        assert getattr(wavefront_api_client, name) is module


def test_a_star_import_brings_all_names():
    code = "from wavefront_api_client import *; print(*sorted(globals()))"
    found = set(in_new_process(code).split())
    assert found >= NAMES
    assert {name for name in found if not name.startswith("__")} == NAMES - {"__version__"}


def test_importing_the_package_imports_little():
    code = (
        "import sys; before = set(sys.modules); import wavefront_api_client;"
        "print(*sorted(set(sys.modules) - before))"
    )
    found = set(in_new_process(code).split())
    assert {name.partition(".")[0] for name in found} <= {"__future__", "wavefront_api_client"}
    assert "wavefront_api_client.rest" not in found


@pytest.mark.slow
@for_all(
    "name",
    [
        "ApiClient",
        "ApiException",
        "ApiTlsException",
        "ApiTokenApi",
        "Configuration",
        "ResponseContainerListUserApiToken",
        "UserApiToken",
        "__version__",
    ],
)
def test_any_name_can_be_the_first_one(name):
    code = f"from wavefront_api_client import {name}; print({name}.__class__.__name__)"
    kind = {"__version__": "str"}.get(name, "ModelType" if name in MODELS else "type")
    assert in_new_process(code) == kind


def test_the_version_is_a_version():
    assert re.fullmatch(r"\d+\.\d+\.\d+\w*", wavefront_api_client.__version__)


def test_the_types_that_a_script_may_name():
    from wavefront_api_client import types
    from wavefront_api_client.retry import RetryPolicy

    assert {name: getattr(types, name).__name__ for name in types.__all__} == {
        name: name
        for name in (
            "AccountType",
            "AsyncResult",
            "BodyOptions",
            "CallOptions",
            "Model",
            "RetryPolicy",
        )
    }
    assert types.RetryPolicy is RetryPolicy
