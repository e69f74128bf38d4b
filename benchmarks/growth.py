"""The build of generated logs of several sizes against gunzip of the same files.

Gunzip is the floor: DuckDB unpacks the files no faster.  Every stage is timed twice,
on the generated logs and on a root of two one-event files; the second is dbt's fixed
start-up (its imports, its parse, one statement after the other), and what is left
above it is the cost of the events.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from benchmarks import report
from benchmarks.logs import Logs, say
from benchmarks.measure import Run, gunzip, machine
from benchmarks.pipeline import BUILD, Story, start_up, story

# Models that take less above the start-up, in gunzips of their logs, are not shown.
SHOWN = 0.05


@dataclass(frozen=True)
class Measured:
    """What was measured of one size."""

    title: str
    logs: Logs
    floor: Run
    told: Story


def measure(title: str, logs: Logs) -> Measured:
    """Run everything for one size.

    Raises:
        Failed: dbt fails.
    """
    folder = logs.folder()
    say(f"{title}: gunzip")
    return Measured(title, logs, gunzip(folder), story(title, logs))


def sizes(all_events: Sequence[int], days: int) -> list[str]:
    """Measure several sizes, and the first one with a large file among the others.

    Raises:
        Failed: dbt fails.
    """
    fixed = start_up()
    measured = [measure(f"{events:,}", Logs(events, days)) for events in all_events]
    large = Logs(all_events[0], days, large_file=True)
    measured.append(measure(f"{large.all_events:,}, one file of 50 MB", large))
    chosen = " ".join(map(str, all_events))
    return [
        f"`make bench EVENTS='{chosen}'`, events of {days} days. {machine()}.",
        "",
        *result(measured, fixed),
    ]


def many_files(files: int, events: int, days: int) -> list[str]:
    """Measure logs of many files that are next to empty.

    Raises:
        Failed: dbt fails.
    """
    logs = Logs(events, days, files=files)
    fixed = start_up()
    measured = measure(f"{events:,}", logs)
    mean = sum(logs.sizes) / len(logs.sizes) / 1e3
    return [
        f"`make bench-many-files FILES={files} EVENTS={events}`, events of {days} days"
        f" in files of {mean:.1f} kB. {machine()}.",
        "",
        *result([measured], fixed),
    ]


def result(measured: Sequence[Measured], fixed: Story) -> list[str]:
    """Return the tables: growth, stages and models."""
    lines = growth(measured, fixed)
    titles = [one.title for one in measured]
    lines += [
        "",
        "Stages: seconds above the start-up, and in how many gunzips.",
        "",
        *report.table(
            ["stage", "start-up", *titles],
            across(measured, fixed, lambda story: stage_seconds(story)),
        ),
        "",
        f"The build by model, the same way, those of {SHOWN} gunzips and more:",
        "",
        *report.table(
            ["model", "start-up", *titles],
            across(measured, fixed, lambda story: story.models, SHOWN),
        ),
    ]
    return lines


def stage_seconds(told: Story) -> dict[str, float]:
    """Return the seconds of each stage."""
    return {stage: run.seconds for stage, run in told.runs.items()}


def growth(measured: Sequence[Measured], fixed: Story) -> list[str]:
    """Return the table of the build, a row for each size."""
    start = fixed.runs[BUILD]
    rows = []
    for one in measured:
        build = one.told.runs[BUILD]
        above = build.seconds - start.seconds
        cpu = build.cpu_seconds - start.cpu_seconds
        rows.append(
            [
                one.title,
                f"{len(one.logs.sizes):,}",
                report.size(sum(one.logs.sizes)),
                f"{one.floor.seconds:.2f}",
                f"{build.seconds:.2f}",
                f"{above:.2f}",
                report.ratio(above, one.floor.seconds),
                report.ratio(cpu, one.floor.cpu_seconds),
                report.size(build.peak_bytes),
                f"{one.told.database_bytes / one.logs.all_events:.0f}",
            ]
        )
    head = [
        "events",
        "files",
        "MB gzipped",
        "gunzip s",
        "build s",
        "above start-up",
        "/ gunzip",
        "CPU / gunzip",
        "peak MB",
        "bytes stored an event",
    ]
    return report.table(head, rows)


def across(
    measured: Sequence[Measured],
    fixed: Story,
    seconds_of: Callable[[Story], dict[str, float]],
    shown: float = float("-inf"),
) -> list[list[str]]:
    """Return rows of what several sizes have in common, and a last one of the sums.

    A row is left out where no size takes ``shown`` gunzips above the start-up.
    """
    starts = seconds_of(fixed)
    rows: dict[str, list[str]] = {}
    order: dict[str, float] = {}
    for name in starts:
        cells, ratios = [f"{starts[name]:.2f}"], []
        for one in measured:
            above = seconds_of(one.told)[name] - starts[name]
            ratios.append(above / one.floor.seconds)
            cells.append(times(above, one.floor.seconds))
        if max(ratios) >= shown:
            rows[name], order[name] = cells, ratios[-1]
    names = sorted(rows, key=lambda name: -order[name])
    if shown == float("-inf"):
        return [[name, *rows[name]] for name in rows]
    together = [f"{sum(starts.values()):.2f}"]
    for one in measured:
        above = sum(seconds_of(one.told).values()) - sum(starts.values())
        together.append(times(above, one.floor.seconds))
    return [*([name, *rows[name]] for name in names), ["all", *together]]


def times(above: float, floor: float) -> str:
    """Return the cell of a time: seconds, and in how many gunzips."""
    return f"{above:.2f} ({report.ratio(above, floor)})"
