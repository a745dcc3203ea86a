"""The four steps of CONTRIBUTING lead to a twelfth endpoint, taken in a copy of the project."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from fnmatch import fnmatch
from pathlib import Path

import pytest
from agreement import agree

ROOT = Path(__file__).parents[2]
STEPS = ["Data", "Methods", "Service", "Words"]
LISTS = "test/project/test_lists.py"
OTHERS = ["test_help.py", "test_openapi.py", "test_seed_examples.py"]
"""The rest of test/project runs each page and command, which takes long and is about others."""

LIKE_ITS_NEIGHBOUR = {
    "get_customer_token": "get_token",
    "/customertokens/{id}": "/{id}",
    "any token of the customer": "a token of the calling user",
    "ResponseContainerApiTokenModel": "ResponseContainerUserApiToken",
    "-> CustomerToken": "-> OneToken",
    "Answer[CustomerToken]": "Answer[OneToken]",
    "CUSTOMER_ONE, NO_BODY, ACCOUNTS": "ONE",
    '"id": "': '"tokenID": "',
    '"name": "': '"tokenName": "',
    "` | Accounts": "` | none",
    "_CUSTOMER_TOKEN, ACCOUNTS": "_OWN_TOKEN, None",
    "*call.store.find(": "call.caller, call.store.token_of(call.caller, ",
    "_api_token_model": "_user_api_token",
    "Needs the permission Accounts.": "Needs no permission: they are one's own.",
}
TEST = """
def test_an_own_token_can_be_looked_at(api, server):
    assert api.get_token(server.user.key).response.token_id == server.user.key
"""


def adapted(text):
    for old, new in LIKE_ITS_NEIGHBOUR.items():
        text = text.replace(old, new)
    return text


def insert(file, pattern, before):
    """Put what `get_customer_token` has in a file in there again, for `get_token`."""
    text = file.read_text(encoding="utf-8")
    block = re.search(pattern, text, re.DOTALL | re.MULTILINE)
    assert block, f"{file.name} has no {pattern}"
    place = text.index(before)
    file.write_text(text[:place] + adapted(block[0]) + text[place:], encoding="utf-8")


def write_data(copy):
    file = copy / "wavefront_api_client" / "_core" / "operations.py"
    insert(file, r"^    get_customer_token=.*?\),\n", "    get_tokens_service_account=")


def write_methods(copy):
    file = copy / "wavefront_api_client" / "api" / "api_token_api.py"
    method = r"^    def get_customer_token\(.*?(?=^    def get_customer_tokens\()"
    insert(file, method, "    def get_tokens_service_account(")
    (copy / "test" / "client" / "test_own_token.py").write_text(TEST, encoding="utf-8")
    assert run(copy, "scripts/make_stub.py").returncode == 0


def write_service(copy):
    file = copy / "wavefront_api_client" / "testing" / "_routes.py"
    handler = r"^def get_customer_token\(.*?(?=^def )"
    insert(file, handler, "def delete_customer_token(")
    row = r"^    Route\([^\n]*get_customer_token\),\n"
    insert(file, row, '    Route("GET", _SERVICE, ACCOUNTS, get_tokens_service_account')


def write_words(copy):
    row = r"^[^\n]*\[\*\*get_customer_token\*\*\].*?\n"
    insert(copy / "README.md", row, "*ApiTokenApi* | [**get_tokens_service_account**]")
    page = copy / "docs" / "ApiTokenApi.md"
    insert(page, row, "[**get_tokens_service_account**]")
    insert(page, r"^`get_customer_token` \|.*?\n", "`get_tokens_service_account` |")
    insert(page, r"^## get_customer_token\n.*?(?=^## )", "## get_tokens_service_account\n")
    file = copy / "docs" / "openapi.json"
    document = json.loads(file.read_text(encoding="utf-8"))
    paths = document["paths"]
    neighbour = json.dumps(paths["/api/v2/apitoken/customertokens/{id}"]["get"])
    paths["/api/v2/apitoken/{id}"]["get"] = json.loads(adapted(neighbour))
    file.write_text(json.dumps(document, indent=2), encoding="utf-8")


def run(copy, *arguments):
    """Python in the copy, where it finds the package of the copy as an editable install would."""
    # What is measured is the coverage of this project, not that of its copy.
    environment = {name: value for name, value in os.environ.items() if "COV" not in name}
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=copy,
        env={**environment, "PYTHONPATH": str(copy)},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def run_tests(copy, *files):
    return run(copy, "-m", "pytest", "-q", "--tb=line", *files)


@pytest.fixture
def copy(tmp_path):
    ignore = shutil.ignore_patterns(".*", "__pycache__", "*.egg-info", "build", "site", "results")
    return Path(shutil.copytree(ROOT, tmp_path / "copy", ignore=ignore))


def steps():
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    return re.findall(r"^\d\. \*\*(\w+)\.\*\*", text, re.MULTILINE)


def test_each_folder_is_named():
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    ignored = (ROOT / ".gitignore").read_text(encoding="utf-8").split()
    parents = ROOT, ROOT / "wavefront_api_client", ROOT / "test"
    found = {
        f"{folder.relative_to(ROOT).as_posix()}"
        for parent in parents
        for folder in parent.iterdir()
        if any(folder.glob("*.*")) and not folder.name.startswith((".", "__"))
        if not any(fnmatch(f"{folder.name}/", pattern.lstrip("/")) for pattern in ignored)
    }
    named = set(re.findall(r"^`([\w/]+)/` \|", text, re.MULTILINE))
    agree("CONTRIBUTING.md", named, found - {"test"})


@pytest.mark.slow
def test_the_four_steps_add_an_endpoint_and_each_says_what_is_missing(copy):
    agree("CONTRIBUTING.md", steps(), STEPS)
    lacking = {
        write_data: "ApiTokenApi lacks get_token",
        write_methods: "ROUTES of the service lacks get_token",
        write_service: "docs/ApiTokenApi.md lacks get_token",
    }
    for write, message in lacking.items():
        write(copy)
        told = run_tests(copy, LISTS).stdout
        assert message in told
    write_words(copy)
    others = [f"test/project/{name}" for name in OTHERS]
    rules = "test/testing/test_rules.py"
    finished = run_tests(copy, LISTS, *others, rules, "test/client/test_own_token.py")
    assert finished.returncode == 0, finished.stdout


@pytest.mark.slow
def test_the_documented_installation_tests_what_is_edited(copy):
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    commands = re.search(r"^## Set up\n.*?```sh\n(.*?)```", text, re.DOTALL | re.MULTILINE)[1]
    assert re.search(r"^python -m pip install .*-e \. .*-r slow-requirements.txt", commands, re.M)
    file = copy / "wavefront_api_client" / "_core" / "operations.py"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace('delete_token=("DELETE"', 'delete_token=("PUT"'), encoding="utf-8")
    finished = run_tests(copy, LISTS)
    assert finished.returncode == 1
    assert "the help of delete_token lacks 'Calls PUT /api/v2/apitoken/{id}'" in finished.stdout
