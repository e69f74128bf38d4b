"""The build of generated logs of several sizes against gunzip of the same files.

Gunzip is the floor: DuckDB unpacks the files no faster.  Every stage is timed twice,
on the generated logs and on a root of two one-event files; the second is dbt's fixed
start-up (its imports, its parse, one statement after the other), and what is left
above it is the cost of the events.
"""

from __future__ import annotations

from collections.abc import Sequence
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
    titles = [one.title for one in measured]
    return [
        *growth(measured, fixed),
        "",
        "Stages: seconds above the start-up; in how many gunzips; the same in CPU.",
        "",
        *report.table(["stage", "start-up", *titles], stages(measured, fixed)),
        "",
        "The build by model: seconds above the start-up, and in how many gunzips, of"
        f" those of {SHOWN} gunzips and more.",
        "",
        *report.table(["model", "start-up", *titles], models(measured, fixed)),
    ]


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


def stages(measured: Sequence[Measured], fixed: Story) -> list[list[str]]:
    """Return a row for each stage."""
    rows = []
    for stage, start in fixed.runs.items():
        cells = [stage, f"{start.seconds:.2f}"]
        for one in measured:
            run = one.told.runs[stage]
            above = run.seconds - start.seconds
            cpu = run.cpu_seconds - start.cpu_seconds
            cells.append(
                f"{above:.2f} ({report.ratio(above, one.floor.seconds)};"
                f" CPU {report.ratio(cpu, one.floor.cpu_seconds)})"
            )
        rows.append(cells)
    return rows


def models(measured: Sequence[Measured], fixed: Story) -> list[list[str]]:
    """Return a row for each model that takes time, and one for all models."""
    starts = fixed.models
    above = {
        name: [one.told.models[name] - start for one in measured]
        for name, start in starts.items()
    }
    floors = [one.floor.seconds for one in measured]

    def row(name: str, start: float, seconds: Sequence[float]) -> list[str]:
        cells = [
            f"{one:.2f} ({report.ratio(one, floor)})"
            for one, floor in zip(seconds, floors, strict=True)
        ]
        return [name, f"{start:.2f}", *cells]

    shown = [
        name
        for name, seconds in above.items()
        if any(one >= SHOWN * floor for one, floor in zip(seconds, floors, strict=True))
    ]
    shown.sort(key=lambda name: -above[name][-1])
    together = [sum(column) for column in zip(*above.values(), strict=True)]
    return [
        *(row(name, starts[name], above[name]) for name in shown),
        row("all", sum(starts.values()), together),
    ]
