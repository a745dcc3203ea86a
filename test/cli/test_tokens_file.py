"""`plan`, `apply` and `init`: a file of tokens, for one tenant or several, and what the docs do with it."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from configparser import ConfigParser
from pathlib import Path

import jsonschema
import pytest
import yaml

from wavefront_api_client import ApiClient, ApiTokenApi

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "tokens-file.md").read_text(encoding="utf-8")

ONE = """
[[token]]
name = "new"
account = "sa::ci"
file = "new.token"
older_than = "90d"
"""


@pytest.fixture
def write(home, monkeypatch):
    """Write tokens.toml, in the folder where the command runs."""
    monkeypatch.chdir(home)

    def write(text):
        (home / "tokens.toml").write_text(text)

    return write


def rows(done):
    return json.loads(done.out)


def test_a_run_then_another_one(command, write, home):
    write(ONE)
    done = command("-o", "json", "apply", "tokens.toml")
    (row,) = rows(done)
    assert (done.status, row["outcome"], row["account"]) == (0, "minted", "sa::ci")
    assert done.err == "1 minted, 0 unchanged.\n"
    assert len((home / "new.token").read_text()) == 36
    assert command("-o", "json", "apply", "tokens.toml").err == "1 unchanged.\n"


def test_check_says_whether_anything_differs(command, write, home):
    write(ONE)
    assert command("apply", "--check", "tokens.toml").status == 3
    assert command("apply", "--dry-run", "tokens.toml").status == 0
    assert command("plan", "tokens.toml").status == 0
    assert not (home / "new.token").exists()
    assert command("apply", "tokens.toml").status == 0
    done = command("apply", "--check", "tokens.toml")
    assert (done.status, done.out) == (0, "none\tnew\tsa::ci\ta moment old\n")
    os.remove(home / "new.token")
    assert command("apply", "--check", "tokens.toml").status == 3
    write(ONE.replace("sa::ci", "sa::nobody"))
    assert command("apply", "--check", "tokens.toml").status == 1


def test_what_waits_is_no_difference(command, write, server):
    write(ONE.replace('"new"', '"nightly"'))
    assert command("apply", "tokens.toml").out == "waiting\tnightly\tsa::ci\t200 days old\n"
    done = command("apply", "--check", "tokens.toml")
    assert (done.status, done.err) == (0, "1 waiting, 0 unchanged.\n")


def test_an_error_is_told_once_with_the_tokens_that_have_it(command, write):
    entry = '[[token]]\nname = "%s"\naccount = "sa::nobody"\nfile = "%s"\n'
    write("".join(entry % (name, name) for name in "abcde"))
    done = command("apply", "tokens.toml")
    assert done.status == 1
    lines = done.err.splitlines()
    assert lines[0] == "5 failed, 0 unchanged."
    assert lines[1].startswith("'a', 'b', 'c' and 2 more: http://127.0.0.1")
    assert "no service account" in lines[1]
    assert len(lines) == 2


def test_an_account_without_a_slot_is_a_line(command, write, server):
    write(ONE)
    for number in range(18):
        server.add_token("sa::ci", f"more {number}")
    done = command("apply", "tokens.toml")
    assert done.status == 1
    (line,) = done.err.splitlines()[1:]
    assert line.startswith("'new': The account holds 20 tokens")
    assert line.endswith("revoke one that is not used.")


def test_unmanaged_tokens_and_full_accounts_are_shown(command, write, server):
    write(ONE.replace('"new"', '"nightly"'))
    for number in range(17):
        server.add_token("sa::backup", f"more {number}")
    done = command("-o", "json", "plan", "--unmanaged", "tokens.toml")
    found = rows(done)
    assert [row["name"] for row in found if row["action"] != "unmanaged"] == ["nightly"]
    unmanaged = {(row["account"], row["name"]) for row in found if row["action"] == "unmanaged"}
    assert ("sa::ci", "build") in unmanaged
    assert ("sa::ci", "nightly") not in unmanaged
    assert "sa::backup 19 of 20" in done.err
    assert f"{len(unmanaged)} unmanaged." in done.err


@pytest.mark.parametrize("name", ["plan", "apply"])
@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[[token]]\nnmae = "x"', "unknown key 'nmae'; did you mean 'name'?"),
        ("[[token", "it is not TOML"),
        (None, "tokens.toml cannot be read: No such file or directory"),
        (
            '[[token]]\nname = "a"\nfile = "a"\nprofile = "x"\n[[token]]\nname = "b"\nfile = "b"',
            "either all tokens of the file name a profile, or none",
        ),
    ],
)
def test_a_file_that_cannot_be_used_is_wrong_usage(command, server, write, home, name, text, said):
    write(text or "")
    if text is None:
        os.remove(home / "tokens.toml")
    done = command(name, "tokens.toml")
    assert done.status == 2
    assert said in done.err
    assert not server.requests


# several tenants


def of_profiles(*profiles):
    return "".join(
        f'{ONE.replace("new.token", f"{profile}.token")}profile = "{profile}"\n'
        for profile in profiles
    )


def test_a_file_names_several_tenants(alone, write, home, profiles, server, other):
    write(of_profiles("prod", "test"))
    found = rows(alone("-o", "json", "apply", "tokens.toml"))
    assert {(row["tenant"], row["outcome"]) for row in found} == {
        ("prod", "minted"),
        ("test", "minted"),
    }
    assert (home / "prod.token").read_text() != (home / "test.token").read_text()
    out = alone("apply", "tokens.toml").out
    assert [line.split("\t")[:3] for line in out.splitlines()] == [
        ["prod", "unchanged", "new"],
        ["test", "unchanged", "new"],
    ]


def test_a_file_without_profiles_is_for_one_instance(alone, write, profiles, server, other):
    write(ONE)
    for given in (["--profile", "prod", "--profile", "test"], ["--all-profiles"]):
        done = alone(*given, "apply", "tokens.toml")
        assert done.status == 2
        assert "one --profile" in done.err
    assert not server.requests
    assert not other.requests
    assert alone("--profile", "test", "apply", "tokens.toml").status == 0


@pytest.mark.skipif(not Path("/dev/fd").exists(), reason="there are no files for descriptors")
def test_a_file_from_a_pipe(command, write, home):
    write("")
    reader, writer = os.pipe()
    os.write(writer, ONE.replace("new.token", str(home / "new.token")).encode())
    os.close(writer)
    assert command("apply", f"/dev/fd/{reader}").out.startswith("minted")
    os.close(reader)


def test_an_option_picks_some_of_the_profiles(alone, write, profiles, server, other):
    write(of_profiles("prod", "test"))
    (row,) = rows(alone("--profile", "test", "-o", "json", "plan", "tokens.toml"))
    assert row["tenant"] == "test"
    assert not server.requests
    done = alone("--profile", "dead", "plan", "tokens.toml")
    assert (done.status, "no token of the file is of the profile 'dead'" in done.err) == (2, True)
    for given in (["--url", server.url], ["--token-file", "x"], ["--all-profiles"]):
        done = alone(*given, "plan", "tokens.toml")
        assert done.status == 2
        assert "the file names profiles" in done.err


def test_a_tenant_that_fails_holds_up_no_other(alone, write, home, profiles, other):
    write(of_profiles("dead", "test"))
    done = alone("-o", "json", "apply", "tokens.toml")
    assert done.status == 1
    assert [row["tenant"] for row in rows(done)] == ["test"]
    assert done.err.splitlines()[0].startswith("dead: ")


def test_no_program_of_the_file_finds_a_key(alone, write, home, profiles, monkeypatch, server):
    monkeypatch.setenv("PROD_KEY", server.user.key)
    text = profiles.read_text()
    profiles.write_text(text.replace(f"token = {server.user.key}", "token_env = PROD_KEY"))
    write(
        '[[token]]\nname = "new"\naccount = "sa::ci"\nprofile = "prod"\n'
        'command = ["./keep"]\nverify = ["./keep"]\n'
    )
    (home / "keep").write_text("#!/bin/sh\ncat >> kept\nenv >> kept\n")
    (home / "keep").chmod(0o700)
    assert alone("apply", "tokens.toml").status == 0
    kept = (home / "kept").read_text()
    assert "HOME=" in kept
    assert server.user.key not in kept


def test_ctrl_c_ends_all_tenants(alone, write, profiles, monkeypatch, other):
    write(
        of_profiles("prod", "test")
        + of_profiles("test").replace("test.", "2.").replace('"new"', '"b"')
    )
    at_work = {}

    def interrupted(tenants, functions):
        at_work.update(functions)
        raise KeyboardInterrupt

    monkeypatch.setattr("wavefront_api_client.tokens.for_tenants", interrupted)
    done = alone("apply", "tokens.toml")
    assert done.status == 130
    assert "Interrupted. Run the same command again" in done.err
    with ApiClient(other.configuration()) as client, pytest.raises(KeyboardInterrupt):
        at_work["test"](ApiTokenApi(client))
    assert [request.method for request in other.requests].count("POST") == 1


# the first file, and the demo


def test_a_first_file(command, write, home):
    done = command("init", "--account", "sa::ci", "--folder", "keys")
    write(done.out)
    (home / "keys").mkdir()
    found = rows(command("-o", "json", "apply", "tokens.toml"))
    assert [(row["name"], row["outcome"]) for row in found] == [
        ("build", "delivered"),
        ("nightly", "delivered"),
    ]
    write(command("init", "--all-accounts").out)
    done = command("plan", "tokens.toml")
    assert done.status == 2
    assert "it needs one of file, keyring, command" in done.err
    assert "old laptop" in command("init").out
    assert command("init", "--account", "x", "--all-accounts").status == 2


def test_in_a_demo_nothing_is_touched_and_a_rotation_is_seen(alone, write, home):
    write(
        ONE + 'verify = ["./no-such-program"]\n' + '[[token]]\nname = "x/y"\ncommand = ["./none"]\n'
    )
    outcomes = []
    for days in ("0", "0", "91", "0", "2"):
        done = alone("demo", "--days", days, "-o", "json", "apply", "tokens.toml")
        outcomes.append([row["outcome"] for row in rows(done)])
    assert outcomes == [
        ["minted", "minted"],
        ["unchanged", "unchanged"],
        ["waiting", "unchanged"],
        ["waiting", "unchanged"],
        ["rotated", "unchanged"],
    ]
    assert not (home / "new.token").exists()
    found = {path.name for path in (home / "state" / "wavefront-tokens-demo").glob("*.token")}
    assert found == {"1-new.token", "2-x-y.token"}


# what the page says


def blocks(label):
    return re.findall(rf"^```{label}\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


@pytest.fixture
def run(server, home, write):
    """Run a line of the page where the command and stand-ins for other programs are."""
    folder = home / "bin"
    folder.mkdir()
    programs = {
        "wavefront-tokens": f'#!/bin/sh\nexec {sys.executable} -m wavefront_api_client.cli "$@"\n',
        "kubectl": '#!/bin/sh\necho "$*" >> kubectl.log\ncase "$1" in create) cat ;; apply) cat > secret ;; esac\n',
        "pip": "#!/bin/sh\n",
    }  # fmt: skip
    for name, text in programs.items():
        (folder / name).write_text(text)
        (folder / name).chmod(0o755)

    def run(line, **variables):
        return subprocess.run(
            ["sh", "-c", line],
            env={"PATH": f"{folder}:{os.environ['PATH']}", "HOME": str(home), **variables,
                 "PYTHONPATH": str(ROOT)},
            cwd=home, capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip

    return run


def test_the_timer_of_systemd(run, write, home, server, tmp_path):
    service, timer = (block for block in blocks("text") if block.startswith("["))
    units = {}
    for name, text in (("service", service), ("timer", timer)):
        units[name] = ConfigParser(interpolation=None)
        units[name].optionxform = str
        units[name].read_string(text)
    assert units["timer"]["Timer"]["OnCalendar"] == "hourly"
    assert units["service"]["Service"]["Type"] == "oneshot"
    write(ONE)
    line = units["service"]["Service"]["ExecStart"].replace("/etc/reporter/", "")
    done = run(line, WAVEFRONT_URL=server.url, WAVEFRONT_TOKEN=server.user.key)
    assert (done.returncode, done.stdout.split("\t")[0], done.stderr) == (0, "minted", "")
    if shutil.which("systemd-analyze"):
        for name, text in (("service", service), ("timer", timer)):
            unit = re.sub("ExecStart=.*", "ExecStart=/bin/true", text)
            (tmp_path / f"tokens.{name}").write_text(unit)
        done = subprocess.run(
            ["systemd-analyze", "verify", *tmp_path.glob("tokens.[st]*er*")],
            capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip
        assert "tokens." not in done.stderr, done.stderr


TEXT, NAMED = {"type": "string", "minLength": 1}, {"type": "object", "required": ["name"]}


def exactly(required, **properties):
    return {
        "type": "object",
        "required": required.split(),
        "properties": properties,
        "additionalProperties": False,
    }


def a_list_of(schema):
    return {"type": "array", "minItems": 1, "items": schema}


CONTAINER = exactly(
    "name image command",
    name=TEXT, image=TEXT, command=a_list_of(TEXT),
    env=a_list_of(exactly("name value", name=TEXT, value=TEXT)),
    volumeMounts=a_list_of(
        exactly("name mountPath", name=TEXT, mountPath=TEXT, readOnly={"type": "boolean"})
    ),
)  # fmt: skip
POD = exactly(
    "restartPolicy containers",
    restartPolicy={"enum": ["Never", "OnFailure"]},
    serviceAccountName=TEXT,
    containers=a_list_of(CONTAINER),
    volumes=a_list_of(
        exactly("name", name=TEXT, configMap=exactly("name", name=TEXT),
                secret=exactly("secretName", secretName=TEXT))
    ),
)  # fmt: skip
CRON_JOB = exactly(
    "apiVersion kind metadata spec",
    apiVersion={"const": "batch/v1"},
    kind={"const": "CronJob"},
    metadata=exactly("name", name=TEXT),
    spec=exactly(
        "schedule jobTemplate",
        schedule={"type": "string", "pattern": r"^\S+( \S+){4}$"},
        concurrencyPolicy={"enum": ["Allow", "Forbid", "Replace"]},
        jobTemplate=exactly(
            "spec",
            spec=exactly(
                "template",
                backoffLimit={"type": "integer"},
                template=exactly("spec", spec=POD),
            ),
        ),
    ),
)
"""What this manifest uses of the API of Kubernetes: https://kubernetes.io/docs/reference/"""


@pytest.mark.slow
def test_the_cron_job_of_kubernetes(run, write, home, server):
    (text,) = (block for block in blocks("text") if block.startswith("apiVersion"))
    manifest = yaml.safe_load(text)
    jsonschema.validate(manifest, CRON_JOB, jsonschema.Draft202012Validator)
    pod = manifest["spec"]["jobTemplate"]["spec"]["template"]["spec"]
    (container,) = pod["containers"]
    assert {each["name"] for each in container["volumeMounts"]} == {
        each["name"] for each in pod["volumes"]
    }
    create = "kubectl create secret generic wavefront --from-file=token=/dev/stdin --dry-run=client -o yaml"
    write(
        '[[token]]\nname = "new"\naccount = "sa::ci"\n'
        f'command = ["sh", "-c", "{create} | kubectl apply -f -"]\n'
    )
    (home / "token").write_text(server.user.key)
    line = " ".join(container["command"]).replace("/run/key/", "").replace("/etc/tokens/", "")
    (variable,) = container["env"]
    done = run(line, **{variable["name"]: server.url})
    assert (done.returncode, done.stderr) == (0, ""), done.stderr
    assert len((home / "secret").read_text()) == 36
    assert (home / "kubectl.log").read_text().count("apply") == 1
    # What a program has taken it is not given again.
    run(line, **{variable["name"]: server.url})
    assert (home / "kubectl.log").read_text().count("apply") == 1


@pytest.mark.slow
def test_the_workflow_of_github_fails_if_something_differs_and_changes_nothing(
    run, write, home, server
):
    (text,) = (block for block in blocks("text") if block.startswith("name: Tokens"))
    # YAML 1.1 reads `on` as true.
    workflow = yaml.safe_load(text)
    assert workflow["permissions"] == {"contents": "read"}
    assert workflow[True]["schedule"] == [{"cron": "17 5 * * *"}]
    _, install, check = workflow["jobs"]["check"]["steps"]
    assert run(install["run"]).returncode == 0
    assert {*check["env"]} == {"WAVEFRONT_URL", "WAVEFRONT_TOKEN"}
    variables = {"WAVEFRONT_URL": server.url, "WAVEFRONT_TOKEN": server.user.key}
    write(ONE)
    assert run(check["run"], **variables).returncode == 3
    assert not (home / "new.token").exists()
    run("wavefront-tokens apply tokens.toml", **variables)
    assert run(check["run"], **variables).returncode == 0


def test_the_page_has_all_keys_of_the_file():
    schema = json.loads((ROOT / "docs" / "tokens.schema.json").read_text(encoding="utf-8"))
    (table,) = re.findall(r"^Key \| Meaning\n(.*?)\n\n", PAGE, re.MULTILINE | re.DOTALL)
    listed = {
        key for line in table.splitlines() for key in re.findall("`(\\w+)`", line.split(" | ")[0])
    }
    assert listed == {*schema["properties"]["token"]["items"]["properties"]}
