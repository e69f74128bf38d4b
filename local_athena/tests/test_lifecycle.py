"""The stack is started and stopped, and ends with the process that wanted it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from local_athena import stack
from local_athena.__main__ import main


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Return the folder of a stack that does not run, nor after the test."""
    folder = tmp_path / "stack"
    monkeypatch.setenv("LOCAL_ATHENA_FOLDER", str(folder))
    yield folder
    stack.stop(folder)


@pytest.mark.parametrize("arguments", [[], ["help"], ["load"], ["start", "x"]])
def test_how_it_is_used(arguments: list[str], folder: Path) -> None:
    with pytest.raises(SystemExit) as raised:
        main(arguments)
    assert "python -m local_athena start" in str(raised.value)


@pytest.mark.parametrize("arguments", [["status"], ["query", "select 1"]])
def test_when_nothing_runs(arguments: list[str], folder: Path) -> None:
    with pytest.raises(SystemExit, match="The local Athena does not run"):
        main(arguments)


def test_stopping_what_does_not_run(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["stop"])
    assert capsys.readouterr().out == "Nothing runs.\n"


def test_a_missing_part(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOCAL_ATHENA_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(stack.parts, "java", lambda: Path("java"))
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(SystemExit, match="there is no mvn on the PATH"):
        main(["start"])


def test_a_state_that_another_process_left(folder: Path) -> None:
    folder.mkdir()
    left = {"pid": os.getpid(), "engine_pid": 0, "endpoint": "http://127.0.0.1:9"}
    (folder / "state.json").write_text(json.dumps(left), "utf-8")
    assert stack.describe(folder) is None
    assert not stack.stop(folder), "this process would be dead"


def processes(folder: Path) -> list[int]:
    """Return the ids of the stack and of its Trino."""
    state = stack.describe(folder)
    assert state is not None
    return [state["pid"], state["engine_pid"]]


@pytest.mark.athena
def test_from_start_to_stop(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["start"])
    told = capsys.readouterr().out
    assert "export AWS_ENDPOINT_URL=http://127.0.0.1:" in told
    both = processes(folder)
    main(["start"])
    assert processes(folder) == both, "it was started twice"
    main(["status"])
    assert str(folder) in capsys.readouterr().out
    logs = tmp_path / "logs"
    logs.mkdir()
    (logs / "a.json").write_text('{"Records": [{"a": 1}]}', "utf-8")
    main(["load", str(logs), "s3://some-logs/here"])
    loaded = "1 files, 8 bytes below s3://some-logs/here\n"
    assert capsys.readouterr().out == loaded
    main(["query", "select 1 as a, cast(null as varchar) as b"])
    assert capsys.readouterr().out == "a\tb\n1\t\n"
    for wrong in ("select x", "selec 1"):
        with pytest.raises(SystemExit, match=r"COLUMN_NOT_FOUND|mismatched input"):
            main(["query", wrong])
    main(["stop"])
    assert not any(stack.is_running(process) for process in both)
    assert stack.describe(folder) is None


CLIENT = """
import sys, time
from pathlib import Path
from local_athena.stack import running
with running(Path(sys.argv[1])):
    print("ready", flush=True)
    time.sleep(600)
"""


@pytest.mark.athena
def test_it_ends_with_a_process_that_is_killed(folder: Path) -> None:
    client = subprocess.Popen(
        [sys.executable, "-c", CLIENT, str(folder)],
        cwd=stack.PROJECT,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert client.stdout is not None
    assert client.stdout.readline() == "ready\n"
    both = processes(folder)
    client.send_signal(signal.SIGKILL)
    client.wait()
    until = time.monotonic() + 60
    while any(stack.is_running(process) for process in both):
        assert time.monotonic() < until, "it goes on"
        time.sleep(0.2)
    assert stack.describe(folder) is None
