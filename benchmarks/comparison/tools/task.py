"""What the script of every tool does: it is told a task, and tells its seconds.

Each script runs by itself, in the environment that has its tool, with nothing of
this project on its path but this file.
"""

from __future__ import annotations

import argparse
import json
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

# The four answers and their columns. Times are the text that the log holds.
ANSWERS = {
    "sigv2_requesters": (
        "requester",
        "requests",
        "header_requests",
        "presigned_requests",
        "buckets",
        "first_seen",
        "last_seen",
    ),
    "object_access": (
        "event_time",
        "event_name",
        "bucket",
        "object_key",
        "requester",
        "source_ip",
        "user_agent",
        "error_code",
    ),
    "anonymous_access": (
        "event_time",
        "event_name",
        "object_key",
        "source_ip",
        "user_agent",
        "error_code",
    ),
    "activity": ("day", "bucket", "requester", "event_name", "requests"),
}


@dataclass(frozen=True)
class Task:
    """What a tool is asked for.

    Attributes:
        logs: the folder of the log files.
        saved: a folder for the tables that the tool keeps.
        out: a folder for the answers.
        day: the day of the question for object access, YYYY-MM-DD.
        bucket: the bucket of the question for anonymous access.
    """

    logs: Path
    saved: Path
    out: Path
    day: str
    bucket: str

    def answer(self, name: str) -> Path:
        """Return the file that an answer goes to, CSV without a head."""
        return self.out / f"{name}.csv"


class Tool(Protocol):
    """A tool that has been given its task."""

    def load(self) -> None:
        """Read the log files, and save what the tool's users would save."""

    def open(self) -> None:
        """Open what has been saved."""

    def answer(self, name: str) -> None:
        """Write an answer to its file."""

    def close(self) -> None:
        """End what the tool has started."""


class Maker(Protocol):
    """Makes a tool of a task."""

    def __call__(self, task: Task) -> Tool:
        """Return the tool."""


def main(maker: Maker) -> None:
    """Do the task of the command line, and write the seconds of its steps."""
    parser = argparse.ArgumentParser()
    for name in ("logs", "saved", "out"):
        parser.add_argument(name, type=Path)
    for name in ("day", "bucket", "step"):
        parser.add_argument(name)
    arguments = vars(parser.parse_args())
    step = arguments.pop("step")
    task = Task(**arguments)
    tool = maker(task)
    seconds: dict[str, float] = {}
    started = time.perf_counter()
    tool.load() if step == "load" else tool.open()
    for name in ANSWERS:
        seconds[step] = seconds.get(step, time.perf_counter() - started)
        started = time.perf_counter()
        tool.answer(name)
        seconds[name] = time.perf_counter() - started
    tool.close()
    (task.out / "seconds.json").write_text(json.dumps(seconds))
