"""Metadata of the distribution; the build system and the tools are set up in pyproject.toml."""

import os
import re
from pathlib import Path

from setuptools import find_packages, setup

HERE = Path(__file__).parent


def requirements(name: str) -> list:
    """Give the requirements that a file lists."""
    lines = (HERE / name).read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line and not line.startswith(("#", "-r"))]


VERSION = re.search(
    r'__version__ = "(.+)"',
    (HERE / "wavefront_api_client" / "_version.py").read_text(encoding="utf-8"),
)

# The repository has no public address yet; this variable may have one.
ADDRESS = os.environ.get("REPOSITORY_URL")
PLACES = {"Source": ADDRESS} if ADDRESS else {}


def readme() -> str:
    """Give README with links that work without the files beside it."""
    text = (HERE / "README.md").read_text(encoding="utf-8")
    link = re.compile(r"\[([^\]]*)\]\((?!https?:|#)([^)]+)\)")
    if ADDRESS:
        text = re.sub(r'(src|srcset)="(docs/[^"]+)"', rf'\1="{ADDRESS}/raw/main/\2"', text)
        return link.sub(rf"[\1]({ADDRESS}/blob/main/\2)", text)
    text = re.sub("<picture>.*?</picture>", "", text, flags=re.DOTALL)
    return link.sub(r"\1", text)


PLUGIN = "wavefront_api_client.testing.pytest_plugin"

setup(
    name="wavefront-api-client",
    version=VERSION[1],
    description="Client for the API tokens of Wavefront (VMware Tanzu Observability)",
    long_description=readme(),
    long_description_content_type="text/markdown",
    author="The wavefront_api_client authors",
    project_urls=PLACES,
    license="Apache-2.0",
    license_files=["LICENSE"],
    keywords=["wavefront", "tanzu observability", "api token", "rest client"],
    classifiers=[
        "Development Status :: 4 - Beta",
        "Intended Audience :: System Administrators",
        "Operating System :: POSIX",
        "Programming Language :: Python :: 3",
        "Programming Language :: Python :: 3.9",
        "Programming Language :: Python :: 3.10",
        "Programming Language :: Python :: 3.11",
        "Programming Language :: Python :: 3.12",
        "Programming Language :: Python :: 3.13",
        "Programming Language :: Python :: 3.14",
        "Topic :: System :: Monitoring",
        "Typing :: Typed",
    ],
    packages=find_packages(include=["wavefront_api_client", "wavefront_api_client.*"]),
    package_data={"wavefront_api_client": ["py.typed", "**/*.pyi", "**/*.html", "**/*.css"]},
    python_requires=">=3.9",
    install_requires=requirements("requirements.txt"),
    extras_require={
        "cli": ["click>=8.1", "jinja2>=3", "rich>=13", "tomli>=2; python_version < '3.11'"],
        "keyring": ["keyring"],
        "test": ["pytest"],
    },
    entry_points={
        "console_scripts": ["wavefront-tokens = wavefront_api_client.cli:main"],
        # Under the name of the module, so that a conftest.py may name it as well.
        "pytest11": [f"{PLUGIN} = {PLUGIN}"],
    },
)
