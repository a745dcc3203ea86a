"""_core.answers and api_client: where downloads may be written, and how uploads are named."""

from __future__ import annotations

import os
import tempfile

import pytest
from cases import drawn
from hypothesis import given
from hypothesis import strategies as st

from wavefront_api_client import ApiClient
from wavefront_api_client._core.answers import save


def disposition(value):
    return {"Content-Disposition": value}


@pytest.mark.parametrize(
    ("value", "name"),
    [
        ('attachment; filename="report.txt"', "report.txt"),
        ("attachment; filename='report.txt'", "report.txt"),
        ("attachment; filename=report.txt", "report.txt"),
        ("attachment; filename=report.txt; size=5", "report.txt"),
        ('attachment; filename="two words.txt"', "two words.txt"),
        ('attachment; filename="../../x.txt"', "x.txt"),
        ("attachment; filename=../../x.txt", "x.txt"),
        ('attachment; filename="/etc/x.txt"', "x.txt"),
        ('attachment; filename="..\\\\..\\\\x.txt"', "x.txt"),
        ('attachment; filename="C:\\\\x.txt"', "x.txt"),
        ('attachment; filename="a:b\x01.txt"', "ab.txt"),
        ('attachment; filename="' + "x" * 300 + '"', "x" * 100),
    ],
)
def test_the_name_is_the_last_part_of_what_the_answer_suggests(tmp_path, value, name):
    path = save(b"data", disposition(value), str(tmp_path))
    assert path == os.path.join(str(tmp_path), name)
    assert (tmp_path / name).read_bytes() == b"data"


@pytest.mark.parametrize(
    "value",
    [
        None,
        "",
        "attachment",
        'attachment; filename=""',
        'attachment; filename="."',
        'attachment; filename=".."',
        'attachment; filename="/"',
        'attachment; filename="../.."',
        'attachment; filename="x/"',
    ],
)
def test_without_a_usable_name_a_new_one_is_made(tmp_path, value):
    headers = {} if value is None else disposition(value)
    path = save(b"data", headers, str(tmp_path))
    assert os.path.dirname(path) == str(tmp_path)
    assert [os.path.join(str(tmp_path), name) for name in os.listdir(tmp_path)] == [path]
    with open(path, "rb") as file:
        assert file.read() == b"data"


def test_nothing_is_overwritten(tmp_path):
    (tmp_path / "x.txt").write_bytes(b"before")
    path = save(b"data", disposition("attachment; filename=x.txt"), str(tmp_path))
    assert os.path.dirname(path) == str(tmp_path)
    assert path.endswith("-x.txt")
    assert (tmp_path / "x.txt").read_bytes() == b"before"
    with open(path, "rb") as file:
        assert file.read() == b"data"


def test_no_link_is_followed(tmp_path):
    outside = tmp_path / "outside"
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "x.txt").symlink_to(outside)
    path = save(b"data", disposition("attachment; filename=x.txt"), str(folder))
    assert os.path.dirname(path) == str(folder)
    assert not outside.exists()


def test_a_folder_of_that_name_stays(tmp_path):
    (tmp_path / "x").mkdir()
    path = save(b"data", disposition("attachment; filename=x"), str(tmp_path))
    assert os.path.dirname(path) == str(tmp_path)
    assert path.endswith("-x")


def test_a_new_name_is_readable_by_the_owner_alone(tmp_path):
    path = save(b"data", {}, str(tmp_path))
    assert os.stat(path).st_mode & 0o077 == 0


def test_text_is_written_as_utf_8(tmp_path):
    path = save("dätä", {}, str(tmp_path))
    with open(path, "rb") as file:
        assert file.read() == "dätä".encode()


def test_the_system_s_folder_is_the_default(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    assert os.path.dirname(save(b"data", {}, None)) == str(tmp_path)
    path = save(b"data", disposition("attachment; filename=x.txt"), None)
    assert path == os.path.join(str(tmp_path), "x.txt")


def test_a_folder_that_is_not_there_is_an_error(tmp_path):
    with pytest.raises(FileNotFoundError):
        save(b"data", {}, str(tmp_path / "nowhere"))


@drawn(150)
@given(st.text(alphabet="ab./\\:;'\"= \x00\n%", max_size=12))
def test_nothing_is_written_outside_the_folder(name):
    with tempfile.TemporaryDirectory() as outer:
        folder = os.path.join(outer, "in", "folder")
        os.makedirs(folder)
        path = save(b"data", disposition(f"attachment; filename={name}"), folder)
        assert os.path.realpath(path).startswith(os.path.realpath(folder) + os.sep)
        assert os.listdir(outer) == ["in"]
        assert os.listdir(os.path.dirname(folder)) == ["folder"]
        assert len(os.listdir(folder)) == 1


@pytest.mark.parametrize(
    ("name", "media_type"),
    [
        ("x.json", "application/json"),
        ("x.txt", "text/plain"),
        ("x", "application/octet-stream"),
        ("x.unknowable", "application/octet-stream"),
    ],
)
def test_an_upload_has_a_name_its_content_and_a_media_type(tmp_path, name, media_type):
    path = tmp_path / name
    path.write_bytes(b"\x00data\xff")
    fields = ApiClient().prepare_post_parameters(files={"file": str(path)})
    assert fields == [("file", (name, b"\x00data\xff", media_type))]


def test_a_file_that_is_not_there_cannot_be_uploaded(tmp_path):
    with pytest.raises(FileNotFoundError):
        ApiClient().prepare_post_parameters(files={"file": str(tmp_path / "nix")})
