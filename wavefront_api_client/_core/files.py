"""Files: downloads, uploads, and the certificate authorities of the environment."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping


def save(content: bytes | str, headers: Mapping[str, str], folder: str | None) -> str:
    """Write a download to a new file, under the name that its headers suggest if that is free.

    The path that is returned is inside the folder, whatever the headers say.
    """
    import tempfile

    directory = folder or tempfile.gettempdir()
    found = re.search(r'filename="?([^";]*)', headers.get("Content-Disposition", ""))
    # The last part of the name, which may be empty or a folder.
    name = re.split(r"[/\\]", found[1])[-1].strip(" '") if found else ""
    name = re.sub(r"[\x00-\x1f\x7f:]", "", name)[:100]
    path = os.path.join(directory, name)
    try:
        # O_EXCL refuses a name that is taken, also by a link.
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
    except (FileExistsError, IsADirectoryError):
        descriptor, path = tempfile.mkstemp(suffix=f"-{name}", dir=directory)
    with open(descriptor, "wb") as file:
        file.write(content.encode() if isinstance(content, str) else content)
    return path


def read_for_upload(path: str) -> tuple[str, bytes, str]:
    """A file as a field of a form: its name, content and media type."""
    import mimetypes

    with open(path, "rb") as file:
        content = file.read()
    media_type = mimetypes.guess_type(path)[0] or "application/octet-stream"
    return os.path.basename(path), content, media_type


def default_authorities() -> str | None:
    """The file of authorities that the environment names, None if it names none."""
    return os.environ.get("SSL_CERT_FILE") or os.environ.get("REQUESTS_CA_BUNDLE") or None
