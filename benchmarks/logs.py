"""Generated logs, kept in benchmarks/data for the next benchmark of the same size."""

from __future__ import annotations

import shutil
import sys
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from pathlib import Path

from benchmarks import generate
from benchmarks.measure import PROJECT

DATA = PROJECT / "benchmarks" / "data"


@dataclass(frozen=True)
class Logs:
    """Some days of logs.

    Attributes:
        events: how many events the files of ordinary size hold.
        days: how many days they are delivered on.
        after: how many days after the generator's first day they begin.
        files: how many files of ordinary size; 0 is one for 500 events.
        large_file: whether one file of 50 MB lies among them.
    """

    events: int
    days: int
    after: int = 0
    files: int = 0
    large_file: bool = False

    @property
    def name(self) -> str:
        """The name of their folder in benchmarks/data."""
        parts = [str(self.events), str(self.days), str(self.after)]
        if self.files:
            parts.append(f"{self.files}-files")
        if self.large_file:
            parts.append("large")
        return "-".join(parts)

    @property
    def all_events(self) -> int:
        """The number of events in all files."""
        return self.events + self.large_file * generate.LARGE_FILE_EVENTS

    @cached_property
    def sizes(self) -> list[int]:
        """The gzipped bytes of each file."""
        return [file.stat().st_size for file in self.folder().rglob("*.gz")]

    def new_day(self) -> Logs:
        """Return the day that follows, with as many events and files as the others."""
        files = max(1, self.files // self.days) if self.files else 0
        return Logs(max(1, self.events // self.days), 1, self.after + self.days, files)

    def folder(self) -> Path:
        """Return their folder, made if it is not there yet."""
        folder = DATA / self.name
        # A generator that has changed since makes other logs.
        made_by = Path(generate.__file__).read_bytes()
        done = folder / "generate.py"
        if not done.exists() or done.read_bytes() != made_by:
            say(f"generating {self.all_events:,} events")
            shutil.rmtree(folder, ignore_errors=True)
            first_day = generate.FIRST_DAY + timedelta(days=self.after)
            generate.generate(
                generate.Plan(
                    folder,
                    self.events,
                    self.days,
                    self.files or -(-self.events // generate.EVENTS_PER_FILE),
                    first_day,
                    self.large_file,
                )
            )
            done.write_bytes(made_by)
        return folder / "AWSLogs"


def say(text: str) -> None:
    """Tell on standard error what is going on."""
    print(text, file=sys.stderr, flush=True)
