"""One new day on histories of several lengths, against the build of the history.

Two runs of each: one is timed, the other has DuckDB log its file system, and what
it read of which file is added up from the log.
"""

from __future__ import annotations

import csv
import json
import shutil
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks import report
from benchmarks.logs import Logs
from benchmarks.measure import Run, machine
from benchmarks.pipeline import BUILD, NEW_DAY, Pipeline, start_up

COUNTED = "duckdb_reads"


@dataclass(frozen=True)
class Reads:
    """What DuckDB read in a run.

    Attributes:
        files: how many log files it opened.
        log_bytes: what it read of them, twice what it read twice.
    """

    files: int
    log_bytes: int


@dataclass(frozen=True)
class Measured:
    """The build of a history, and that of one day more."""

    logs: Logs
    build: Run
    new_day: Run
    build_reads: Reads
    new_day_reads: Reads


def reads(log: Path, root: Path) -> Reads:
    """Add up a log that DuckDB wrote of its file system.

    Raises:
        ValueError: the log tells of no file: it is not what it should be.
    """
    taken: Counter[str] = Counter()
    with log.open(encoding="utf-8", newline="") as lines:
        for line in csv.DictReader(lines):
            message = json.loads(line["message"])
            if message["op"] == "READ":
                taken[message["path"]] += int(message["bytes"])
    if not taken:
        raise ValueError(f"{log} tells of no file that was read")
    logs = [size for path, size in taken.items() if path.startswith(f"{root}/")]
    return Reads(len(logs), sum(logs))


def measure(logs: Logs) -> Measured:
    """Build the tables of a history, and of one day more, both timed and counted.

    Raises:
        Failed: dbt fails.
    """
    pipeline = Pipeline(f"{logs.days} days", logs)
    kept = pipeline.folder / "kept.duckdb"

    def counted(stage: str) -> Reads:
        pipeline.reads.unlink(missing_ok=True)
        pipeline.build(f"{stage}, reads counted", COUNTED)
        return reads(pipeline.reads, pipeline.root)

    build_reads = counted(BUILD)
    pipeline.database.unlink()
    build = pipeline.build()
    shutil.copyfile(pipeline.database, kept)
    pipeline.add(logs.new_day())
    new_day = pipeline.build(NEW_DAY)
    kept.replace(pipeline.database)
    new_day_reads = counted(NEW_DAY)
    pipeline.remove()
    return Measured(logs, build, new_day, build_reads, new_day_reads)


def other_reads(one: Measured, start: Run) -> str:
    """Return the MB that a new day reads of the database, more than the start-up."""
    if one.new_day.read_bytes is None or start.read_bytes is None:
        return "not known"
    above = one.new_day.read_bytes - start.read_bytes
    return f"{(above - one.new_day_reads.log_bytes) / 1e6:.1f}"


def histories(events_a_day: int, lengths: Sequence[int]) -> list[str]:
    """Measure histories of several lengths in days.

    Raises:
        Failed: dbt fails.
    """
    start = start_up(with_tests=False)
    rows = []
    for days in lengths:
        one = measure(Logs(events_a_day * days, days))
        fixed = start.runs[NEW_DAY]
        above = one.new_day.seconds - fixed.seconds
        build_above = one.build.seconds - start.runs[BUILD].seconds
        rows.append(
            [
                f"{days}",
                f"{build_above:.2f}",
                f"{one.new_day.seconds:.2f}",
                f"{above:.2f}",
                f"{one.new_day.cpu_seconds - fixed.cpu_seconds:.2f}",
                f"{100 * above / build_above:.1f} %",
                f"{one.new_day_reads.files:,} / {one.build_reads.files:,}",
                f"{one.new_day_reads.log_bytes / 1e6:.2f}",
                f"{100 * one.new_day_reads.log_bytes / one.build_reads.log_bytes:.2f} %"
                f" ({200 / days:.2f} %)",
                other_reads(one, fixed),
                report.size(one.new_day.peak_bytes),
            ]
        )
    head = [
        "days",
        "build s above start-up",
        "new day s",
        "above start-up",
        "the same in CPU",
        "/ build",
        "log files opened / of the build",
        "MB of logs read",
        "/ build (two days' part)",
        "MB of other files read",
        "peak MB",
    ]
    lengths_text = " ".join(map(str, lengths))
    return [
        f"`make bench-new-day EVENTS={events_a_day} DAYS='{lengths_text}'`: a day of"
        f" {events_a_day:,} events comes to histories of such days. The start-up of"
        f" one new day is {start.runs[NEW_DAY].seconds:.2f} s. {machine()}.",
        "",
        *report.table(head, rows),
    ]
