"""Time the build of generated logs against gunzip of the same files.

Gunzip is the floor: DuckDB unpacks the files no faster.  Every stage is timed twice,
on the generated logs and on a root of two one-event files; the second is dbt's fixed
start-up (its imports, its parse, one statement after the other), and what is left
above it is the cost of the events.  Nothing is asserted: the machine decides the
seconds, the ratios are for a reader to compare.

Logs are kept in benchmarks/data, so that a second benchmark of the same size starts
at once.  The result replaces the last one in benchmarks/README.md.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from datetime import timedelta
from importlib.metadata import version
from pathlib import Path

import generate

PROJECT = Path(__file__).resolve().parent.parent
DATA = PROJECT / "benchmarks" / "data"
README = PROJECT / "benchmarks" / "README.md"
RESULT_BEGINS, RESULT_ENDS = "<!-- result begins -->", "<!-- result ends -->"
WITHOUT_TESTS = (
    "--exclude-resource-type",
    "test",
    "--exclude-resource-type",
    "unit_test",
)


@dataclass(frozen=True)
class Run:
    """What one process and its children took.

    Attributes:
        seconds: wall time.
        cpu_seconds: time on a core, which a busy machine lengthens less.
        peak_bytes: the largest resident set of one process.
    """

    seconds: float
    cpu_seconds: float
    peak_bytes: int


@dataclass
class Story:
    """The stages of a root's life, in the order in which they ran."""

    runs: dict[str, Run] = field(default_factory=dict)
    models: dict[str, float] = field(default_factory=dict)
    database_bytes: int = 0


def run(command: list[str], cwd: Path = PROJECT, **environment: str) -> Run:
    """Run a command in a folder; its output is shown if it fails.

    Raises SystemExit with the command and its output if it does not end in 0.
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
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        # Of this child alone: RUSAGE_CHILDREN keeps the largest of all so far.
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - started
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            output.seek(0)
            text = output.read().decode(errors="replace")
            sys.exit(f"{' '.join(command)} failed:\n{text}")
    unit = 1 if sys.platform == "darwin" else 1024
    return Run(seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * unit)


def logs(events: int, days: int, *, after: int = 0, large_file: bool = False) -> Path:
    """Return a folder of generated logs, made if it is not there yet.

    The first of the days comes ``after`` so many days of the history.
    """
    name = f"{events}-{days}-{after}" + ("-large" if large_file else "")
    folder = DATA / name
    # A generator that has changed since makes other logs.
    made_by = Path(generate.__file__).read_bytes()
    done = folder / "generate.py"
    if not done.exists() or done.read_bytes() != made_by:
        say(f"generating {events:,} events")
        shutil.rmtree(folder, ignore_errors=True)
        files = -(-events // generate.EVENTS_PER_FILE)
        first_day = generate.FIRST_DAY + timedelta(days=after)
        generate.generate(
            generate.Plan(folder, events, days, files, first_day, large_file)
        )
        done.write_bytes(made_by)
    return folder / "AWSLogs"


def gunzip(folder: Path) -> Run:
    """Return the fastest of three gunzips of a folder's files on all cores."""
    command = (
        "find . -name '*.gz' -print0"
        f" | xargs -0 -n 16 -P {os.cpu_count()} gzip -dc > /dev/null"
    )
    runs = [run(["sh", "-c", command], cwd=folder) for _ in range(3)]
    return min(runs, key=lambda one: one.seconds)


def duckdb_count(folder: Path) -> Run:
    """Return what DuckDB takes to read a folder's files and count the documents."""
    # Every thread reserves twice the size of the largest document.
    largest = max(file.stat().st_size for file in folder.rglob("*.gz"))
    sql = (
        "select count(json) from read_json_objects('**/*.json.gz',"
        f" format = 'unstructured', maximum_object_size = {32 * largest})"
    )
    code = f'import duckdb; duckdb.sql("""{sql}""").fetchall()'
    return run([sys.executable, "-c", code], cwd=folder)


def story(name: str, history: Path, new_day: Path) -> Story:
    """Build the tables of a history, once more, and then with one day more.

    Raises SystemExit if dbt fails.
    """
    work = DATA / "work"
    shutil.rmtree(work, ignore_errors=True)
    root = work / "logs" / "AWSLogs"
    shutil.copytree(history, root, copy_function=os.link)
    profiles = work / "profiles"
    profiles.mkdir()
    shutil.copyfile(PROJECT / "profiles.example.yml", profiles / "profiles.yml")
    database = work / "benchmark.duckdb"
    told = Story()

    def dbt(stage: str, *arguments: str) -> None:
        say(f"{name}: {stage}")
        told.runs[stage] = run(
            [str(Path(sys.executable).with_name("dbt")), *arguments],
            CLOUDTRAIL_ROOT=str(root.parent),
            CLOUDTRAIL_DUCKDB_PATH=str(database),
            DBT_PROFILES_DIR=str(profiles),
            DBT_TARGET="duckdb",
            DBT_TARGET_PATH=str(work / "target"),
            DBT_LOG_PATH=str(work / "dbt_logs"),
        )

    dbt("parse", "parse", "--no-partial-parse")
    dbt("build", "build", *WITHOUT_TESTS)
    told.models = model_seconds(work / "target" / "run_results.json")
    told.database_bytes = database.stat().st_size
    dbt("tests", "test")
    dbt("build, nothing new", "build", *WITHOUT_TESTS)
    shutil.copytree(new_day, root, copy_function=os.link, dirs_exist_ok=True)
    dbt("build, one new day", "build", *WITHOUT_TESTS)
    shutil.rmtree(work)
    return told


def model_seconds(run_results: Path) -> dict[str, float]:
    """Return the seconds of each model and seed of a run, the slowest first."""
    results = json.loads(run_results.read_text())["results"]
    seconds = {
        result["unique_id"].rsplit(".", 1)[-1]: result["execution_time"]
        for result in results
    }
    return dict(sorted(seconds.items(), key=lambda item: -item[1]))


def report(events: int, days: int, large_file: bool) -> str:
    """Run everything and return the result as Markdown."""
    history = logs(events, days, large_file=large_file)
    new_day = logs(events // days, 1, after=days)
    floor = gunzip(history)
    counted = duckdb_count(history)
    fixed = story("start-up", logs(1, 1), logs(1, 1, after=1))
    told = story(f"{events:,} events", history, new_day)
    parse = told.runs.pop("parse")

    total = events + large_file * generate.LARGE_FILE_EVENTS
    files = list(history.rglob("*.gz"))
    gzipped = sum(file.stat().st_size for file in files)
    lines = [
        f"{total:,} events of {days} days in {len(files):,} files, "
        f"{gzipped / 1e6:.0f} MB gzipped. {machine()}.",
        "",
        f"`make bench EVENTS={events}`" + ", with the large file" * large_file,
        "",
        f"Gunzip on all cores takes {floor.seconds:.2f} s, {floor.cpu_seconds:.2f} s "
        f"of CPU. DuckDB takes {counted.seconds:.2f} s to read the files and parse "
        f"nothing. dbt's first parse of the project takes {parse.seconds:.1f} s. The "
        f"database holds {told.database_bytes / total:.0f} bytes an event.",
        "",
        "| stage | seconds | fixed | above | / gunzip | CPU / gunzip | peak MB |",
        "|---|---:|---:|---:|---:|---:|---:|",
    ]
    for stage, one in told.runs.items():
        start = fixed.runs[stage]
        times = row(one.seconds, start.seconds, floor.seconds)
        cpu = (one.cpu_seconds - start.cpu_seconds) / floor.cpu_seconds
        lines.append(f"| {stage} | {times} | {cpu:.1f} | {one.peak_bytes / 1e6:.0f} |")
    lines += [
        "",
        "The build by model, those of 0.05 s and more:",
        "",
        "| model | seconds | fixed | above | / gunzip |",
        "|---|---:|---:|---:|---:|",
    ]
    lines += [
        f"| {model} | {row(seconds, fixed.models[model], floor.seconds)} |"
        for model, seconds in told.models.items()
        if seconds >= 0.05
    ]
    together = sum(told.models.values()), sum(fixed.models.values())
    lines.append(f"| all | {row(*together, floor.seconds)} |")
    return "\n".join(lines)


def row(seconds: float, fixed: float, floor: float) -> str:
    """Return the cells of a time: its fixed part, the rest, the rest / gunzip."""
    above = seconds - fixed
    return f"{seconds:.2f} | {fixed:.2f} | {above:.2f} | {above / floor:.1f}"


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


def record(result: str) -> None:
    """Put a result in the place of the last one in README.md."""
    before, rest = README.read_text().split(RESULT_BEGINS)
    _, after = rest.split(RESULT_ENDS)
    README.write_text(f"{before}{RESULT_BEGINS}\n{result}\n{RESULT_ENDS}{after}")


def say(text: str) -> None:
    """Tell on standard error what is going on."""
    print(text, file=sys.stderr, flush=True)


def main() -> None:
    """Run the benchmark that the command line asks for."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--events", type=int, default=int(os.environ.get("EVENTS") or 200_000)
    )
    parser.add_argument("--days", type=int, default=10)
    parser.add_argument(
        "--large-file",
        action="store_true",
        help="add one file of 50 MB",
    )
    args = parser.parse_args()
    if args.days < 1 or args.events < args.days:
        parser.error("--events must not be smaller than --days, and --days 1 or more")
    result = report(args.events, args.days, args.large_file)
    record(result)
    print(result)


if __name__ == "__main__":
    main()
