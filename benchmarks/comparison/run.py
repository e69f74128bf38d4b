"""Time to the four answers from raw files, and to each again, tool by tool.

Every tool gets the same files and writes the same four answers as CSV; they are
compared with this project's.  A tool runs twice, each time as a process of its own:
first from the raw files, then again with what it saved then.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import venv
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks import generate, report
from benchmarks.comparison.answers import answer, difference
from benchmarks.comparison.tools.task import ANSWERS
from benchmarks.logs import DATA, Logs, say
from benchmarks.measure import PROJECT, Failed, Run, gunzip, machine, run

SCRIPTS = Path(__file__).parent / "tools"
REQUIREMENTS = PROJECT / "requirements" / "bench.txt"
ENVIRONMENT = DATA / "venv"
LOAD, OPEN = "load", "open"
ERROR_LENGTH = 300
# So few events that they cost next to nothing, but hold every field.
FEW = Logs(1_000, 1)
BUCKET = f"website-{generate.ACCOUNTS[0][:4]}-{generate.REGIONS[0]}"


@dataclass(frozen=True)
class Tool:
    """What the project is compared with.

    Attributes:
        title: its name in the result.
        script: its script in tools/.
        again: what its users answer from the second time.
        package: the package of requirements/bench.in that it needs.
        program: the program that it needs.
    """

    title: str
    script: str
    again: str
    package: str = ""
    program: str = ""


PROJECT_TOOL = Tool("this project", "project", "marts in DuckDB")
OTHERS = (
    Tool("DuckDB, read_json_auto and unnest", "read_json_auto", "DuckDB table"),
    Tool("DuckDB, read_json(columns)", "read_json_columns", "DuckDB table"),
    Tool("zcat and jq", "zcat_jq", "the raw files", program="jq"),
    Tool("chdb", "chdb_tables", "MergeTree table", package="chdb"),
    Tool("Polars", "polars_frames", "Parquet file", package="polars"),
    Tool(
        "PySpark",
        "spark_frames",
        "Parquet files",
        package="pyspark",
        program="java",
    ),
)


@dataclass
class Result:
    """What came of a tool at one size.

    Attributes:
        tool: the tool.
        start_up: the seconds of the process from next to no raw files.
        raw: the process from raw files to the four answers.
        again: the seconds of what the second process did, by step.
        error: why it did not get there.
        differences: how its answers differ.
    """

    tool: Tool
    start_up: float = 0.0
    raw: Run | None = None
    again: dict[str, float] = field(default_factory=dict)
    error: str = ""
    differences: list[str] = field(default_factory=list)


def install() -> None:
    """Make the environment of the tools, once for the same requirements.

    Raises:
        Failed: a package cannot be installed.
    """
    done = ENVIRONMENT / "bench.txt"
    if done.exists() and done.read_bytes() == REQUIREMENTS.read_bytes():
        return
    say("installing the tools into benchmarks/data/venv")
    shutil.rmtree(ENVIRONMENT, ignore_errors=True)
    venv.create(ENVIRONMENT, with_pip=True)
    run(
        [
            str(ENVIRONMENT / "bin" / "python"),
            *"-m pip install --no-input --require-hashes -r".split(),
            str(REQUIREMENTS),
        ],
        PIP_USER="0",
    )
    shutil.copyfile(REQUIREMENTS, done)


def is_there(tool: Tool) -> bool:
    """Tell whether a tool can run on this machine."""
    packages = ENVIRONMENT.glob(f"lib/python*/site-packages/{tool.package}")
    return (not tool.package or any(packages)) and (
        not tool.program or shutil.which(tool.program) is not None
    )


def measure(
    tool: Tool, logs: Path, day: str, work: Path, timeout: float | None
) -> Result:
    """Run a tool from raw files, and again; its answers stay in the work folder."""
    result = Result(tool)
    if not is_there(tool):
        result.error = "not installed"
        return result
    folder = work / tool.script
    out = folder / "out"

    def do(files: Path, saved: str, step: str) -> Run:
        (folder / saved).mkdir(parents=True, exist_ok=True)
        out.mkdir(exist_ok=True)
        python = ENVIRONMENT / "bin" / "python" if tool.package else sys.executable
        script = SCRIPTS / f"{tool.script}.py"
        command = [python, script, files, folder / saved, out, day, BUCKET, step]
        return run([str(part) for part in command], timeout=timeout)

    try:
        say(f"{tool.title}: start-up")
        result.start_up = do(FEW.folder().parent, "few", LOAD).seconds
        shutil.rmtree(out)
        say(f"{tool.title}: from raw files")
        result.raw = do(logs, "saved", LOAD)
        say(f"{tool.title}: again")
        again = do(logs, "saved", OPEN)
        seconds = json.loads((out / "seconds.json").read_text())
        result.again = {"start": again.seconds - sum(seconds.values()), **seconds}
    except Failed as failed:
        say(str(failed))
        result.error = str(failed).splitlines()[-1][:ERROR_LENGTH]
    for saved in ("few", "saved"):
        shutil.rmtree(folder / saved, ignore_errors=True)
    return result


def compare(
    logs: Logs,
    tools: Sequence[Tool],
    work: Path,
    timeout: float | None = None,
) -> tuple[list[Result], dict[str, int]]:
    """Run the project and the tools, and compare the answers with the project's.

    Returns:
        what came of each, the project first, and the number of rows of each answer.

    Raises:
        Failed: the project itself fails.
    """
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    middle = generate.FIRST_DAY.toordinal() + logs.days // 2
    day = str(generate.FIRST_DAY.fromordinal(middle))
    results = [
        measure(tool, logs.folder().parent, day, work, timeout)
        for tool in (PROJECT_TOOL, *tools)
    ]
    if results[0].error:
        raise Failed(results[0].error)
    expected = work / PROJECT_TOOL.script / "out"
    for result in results[1:]:
        if not result.error:
            told = work / result.tool.script / "out"
            found = (difference(expected, told, name) for name in ANSWERS)
            result.differences = [text for text in found if text]
    counts = {name: answer(expected, name).rows for name in ANSWERS}
    shutil.rmtree(work)
    return results, counts


def versions() -> str:
    """Return the versions of the tools outside this environment."""
    told = []
    for package in ("chdb", "polars", "pyspark"):
        found = ENVIRONMENT.glob(f"lib/python*/site-packages/{package}-*.dist-info")
        told += [path.name.removesuffix(".dist-info") for path in found]
    if shutil.which("jq"):
        jq = subprocess.run(
            ["jq", "--version"], check=True, capture_output=True, text=True
        )
        told.append(jq.stdout.strip())
    return ", ".join(name.replace("-", " ") for name in told)


def sizes(all_events: Sequence[int], days: int, timeout: float | None) -> list[str]:
    """Compare at several sizes.

    Raises:
        Failed: the project itself fails, or the tools cannot be installed.
    """
    install()
    chosen = " ".join(map(str, all_events))
    lines = [
        f"`make bench-comparison EVENTS='{chosen}'`, events of {days} days."
        f" {machine()}; {versions()}."
    ]
    for events in all_events:
        logs = Logs(events, days)
        floor = gunzip(logs.folder())
        results, counts = compare(logs, OTHERS, DATA / "comparison", timeout)
        told = ", ".join(
            f"{name.replace('_', ' ')} {count:,}" for name, count in counts.items()
        )
        lines += [
            "",
            f"{events:,} events, gunzip {floor.seconds:.2f} s. Rows of the answers:"
            f" {told}.",
            "",
            *table(results, floor),
        ]
    return lines


def table(results: Sequence[Result], floor: Run) -> list[str]:
    """Return the lines of the table of one size, and what failed or differs."""
    again = [f"again: {name.replace('_', ' ')} s" for name in ANSWERS]
    head = [
        "tool",
        "from raw s",
        "start-up",
        "above / gunzip",
        "peak MB",
        "again: answers from",
        "again: start s",
    ]
    rows = []
    notes = []
    for result in results:
        tool = result.tool
        cells = [tool.title]
        if result.raw:
            cells += [
                f"{result.raw.seconds:.1f}",
                f"{result.start_up:.1f}",
                report.ratio(result.raw.seconds - result.start_up, floor.seconds),
                report.size(result.raw.peak_bytes),
            ]
        else:
            cells += ["-"] * 4
        cells.append(tool.again)
        if result.again:
            start = result.again["start"] + result.again[OPEN]
            cells.append(f"{start:.2f}")
            cells += [f"{result.again[name]:.3f}" for name in ANSWERS]
        else:
            cells += ["-"] * (1 + len(ANSWERS))
        if result.error:
            notes.append(f"- {tool.title} failed: {result.error}")
        notes += [f"- {tool.title} differs in {text}" for text in result.differences]
        cells.append(
            "failed" if result.error else "no" if result.differences else "yes"
        )
        rows.append(cells)
    lines = report.table([*head, *again, "equal"], rows)
    return [*lines, "", *notes] if notes else lines
