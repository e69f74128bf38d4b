"""Runs a process and tells what it took; leaves none behind."""

from __future__ import annotations

import contextlib
import os
import platform
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import IO

PROJECT = Path(__file__).resolve().parents[1]
GUNZIPS = 3


@dataclass(frozen=True)
class Run:
    """What one process and its children took.

    Attributes:
        seconds: wall time.
        cpu_seconds: time on a core, which a busy machine lengthens less.
        peak_bytes: the largest resident set of one process.
        read_bytes: what was read of files of all kinds, from memory or from the
            disk; None where the system does not tell.
    """

    seconds: float
    cpu_seconds: float
    peak_bytes: int
    read_bytes: int | None = None


class Failed(Exception):
    """A process that did not end in 0; its text is what the process wrote."""


def run(
    command: list[str],
    *,
    cwd: Path = PROJECT,
    timeout: float | None = None,
    **environment: str,
) -> Run:
    """Run a command in a folder.

    It leads a group of processes of its own, and none of them outlives this call,
    also if it is interrupted.

    Raises:
        Failed: the command does not end in 0, or not in time.
    """
    inherited = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("DBT_", "CLOUDTRAIL_"))
    }
    with tempfile.TemporaryFile() as output:
        started = time.perf_counter()
        process = subprocess.Popen(
            command,
            cwd=cwd,
            env=inherited | environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            with _time_limit(process.pid, timeout) as expired:
                read_bytes = _read_bytes(process.pid)
                # Of this child alone: RUSAGE_CHILDREN keeps the largest of all so far.
                _, status, usage = os.wait4(process.pid, 0)
            seconds = time.perf_counter() - started
            process.returncode = os.waitstatus_to_exitcode(status)
        finally:
            _kill_group(process.pid)
            if process.returncode is None:
                process.wait()
        if expired.is_set():
            raise Failed(f"stopped after {timeout:,.0f} s")
        if process.returncode:
            raise Failed(_text(output) or f"ended in {process.returncode}")
    unit = 1 if sys.platform == "darwin" else 1024
    return Run(
        seconds,
        usage.ru_utime + usage.ru_stime,
        usage.ru_maxrss * unit,
        read_bytes,
    )


def _read_bytes(process: int) -> int | None:
    """Wait for an end; return what the process and its waited-for children read."""
    with contextlib.suppress(AttributeError, OSError):
        # The system forgets it when the process is waited for in the ordinary way.
        os.waitid(os.P_PID, process, os.WEXITED | os.WNOWAIT)
        lines = Path(f"/proc/{process}/io").read_text().splitlines()
        return int(dict(line.split(": ") for line in lines)["rchar"])
    return None


@contextlib.contextmanager
def _time_limit(group: int, timeout: float | None) -> Iterator[threading.Event]:
    """Kill a group of processes when the time is over, and say so in the event."""
    expired = threading.Event()

    def end() -> None:
        expired.set()
        _kill_group(group)

    timer = threading.Timer(timeout or 0, end)
    if timeout is not None:
        timer.start()
    try:
        yield expired
    finally:
        timer.cancel()


def _kill_group(group: int) -> None:
    """Kill what is left of a group of processes."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(group, signal.SIGKILL)


def _text(output: IO[bytes]) -> str:
    """Return what was written to a file."""
    output.seek(0)
    return output.read().decode(errors="replace").strip()


def gunzip(folder: Path) -> Run:
    """Return the fastest of some gunzips of a folder's files on all cores."""
    cores = os.cpu_count() or 1
    # The largest first, many files a process, so that starting them costs little,
    # and many processes a core, so that no core waits long for another at the end.
    files = sorted(folder.rglob("*.gz"), key=lambda file: -file.stat().st_size)
    at_once = max(1, min(500, len(files) // (16 * cores)))
    with tempfile.NamedTemporaryFile() as names:
        names.write(b"\0".join(os.fsencode(file) for file in files))
        names.flush()
        command = (
            f"xargs -0 -n {at_once} -P {cores} gzip -dc < {names.name} > {os.devnull}"
        )
        runs = [run(["sh", "-c", command]) for _ in range(GUNZIPS)]
    return min(runs, key=lambda one: one.seconds)


def machine() -> str:
    """Return one line about the machine and the versions that ran."""
    cpu = platform.processor() or platform.machine()
    info = Path("/proc/cpuinfo")
    if info.exists():
        names = [line for line in info.read_text().splitlines() if "model name" in line]
        cpu = names[0].split(":", 1)[1].strip() if names else cpu
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    packages = ("duckdb", "dbt-core", "dbt-duckdb")
    versions = ", ".join(f"{package} {version(package)}" for package in packages)
    return (
        f"{cpu}, {os.cpu_count()} cores, {memory / 1e9:.0f} GB, "
        f"{platform.system()}; Python {platform.python_version()}, {versions}"
    )
