"""Files: downloads, uploads, and the certificate authorities of the environment."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


AUTHORITY_VARIABLES = ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE")


def save(content: bytes | str, headers: Mapping[str, str], folder: str | None) -> str:
    """Write a download to a new file, under the name that its headers suggest if that is free.

    The path that is returned is inside the folder, whatever the headers say.
    """
    import tempfile

    data = content.encode() if isinstance(content, str) else content
    directory = folder or tempfile.gettempdir()
    name = _file_name(headers.get("Content-Disposition"))
    try:
        # "x" refuses a name that is taken, also by a link.
        with open(os.path.join(directory, name), "xb") as file:
            file.write(data)
            return file.name
    except (FileExistsError, IsADirectoryError):
        pass
    descriptor, path = tempfile.mkstemp(suffix=f"-{name}" if name else "", dir=directory)
    with open(descriptor, "wb") as file:
        file.write(data)
    return path


def _file_name(disposition: str | None) -> str:
    """The last part of the name in a Content-Disposition header, empty if it has none."""
    match = re.search(r"""filename=(?:"([^"]*)"|'([^']*)'|([^'"\s;]+))""", disposition or "")
    name = next((group for group in match.groups() if group), "") if match else ""
    name = re.sub(r"[\x00-\x1f\x7f:]", "", re.split(r"[/\\]", name)[-1])
    return "" if name in (".", "..") else name[:100]


def read_for_upload(path: str) -> tuple[str, bytes, str]:
    """A file as a field of a form: its name, content and media type."""
    import mimetypes

    with open(path, "rb") as file:
        content = file.read()
    media_type = mimetypes.guess_type(path)[0] or "application/octet-stream"
    return os.path.basename(path), content, media_type


def default_authorities() -> str | None:
    """The file of authorities that the environment names, None if it names none."""
    return next((os.environ[name] for name in AUTHORITY_VARIABLES if os.environ.get(name)), None)
