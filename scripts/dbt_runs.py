"""How scripts run dbt, and what of it the screen shows.

Settings come from the environment, as make passes them on: CLOUDTRAIL_ROOT,
CLOUDTRAIL_DUCKDB_PATH, FULL_REFRESH, VARS (what dbt's --vars takes) and
CALLED_FROM (the folder that relative paths start from).

One line on the screen for each table; the tests, some hundreds, are counted.
A failure ends in one sentence on stderr and a non-zero exit.
"""

from __future__ import annotations

import json
import os
import re
import signal
import sys
import textwrap
import threading
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any, NamedTuple, NoReturn

import local_dbt
import yaml
from local_dbt import Stopped
from sentences import MARKER, first_line, printable, sentence, stop_sentence

LOG = local_dbt.LOGS / "dbt.log"
# Seconds without a line after which the screen says what is being done.
SILENCE = 15
WIDTH = 100


class Settings(NamedTuple):
    """What is built, from what."""

    name: str
    root: str
    database: Path
    full_refresh: bool
    variables: str
    # The output of the profile that reads the root.
    target: str = "duckdb"
    profiles: Path = local_dbt.PROFILES


def called_from() -> Path:
    """Return the folder that relative paths start from."""
    return Path(os.environ.get("CALLED_FROM") or Path.cwd())


def absolute(path: str) -> str:
    """Make a path that was given independent of the folder it starts from."""
    if not path or "://" in path:
        return path
    return os.path.normpath(called_from() / Path(path).expanduser())


def require_database(path: Path) -> None:
    """Look for a database that is to be read.

    Raises:
        Stopped: there is none.
    """
    if not path.is_file():
        raise Stopped(
            f"There is no database {path}: build it first with make build, or name"
            " another one with CLOUDTRAIL_DUCKDB_PATH=<file>."
        )


def is_set(value: str) -> bool:
    """Tell whether a setting that is on or off is on."""
    return value.strip().lower() not in ("", "0", "false", "no")


def settings(name: str) -> Settings:
    """Read the settings of a build from the environment.

    Raises:
        Stopped: VARS is not a dictionary.
    """
    full_refresh = is_set(os.environ.get("FULL_REFRESH", ""))
    if name == "demo":
        return Settings(
            name,
            str(local_dbt.SAMPLE_LOGS),
            local_dbt.DEMO_DATABASE,
            full_refresh,
            "{}",
        )
    variables, meant = local_dbt.given_variables()
    root = os.environ.get("CLOUDTRAIL_ROOT", "").strip()
    used_root = str(meant.get("cloudtrail_root") or root).strip()
    database = os.environ.get("CLOUDTRAIL_DUCKDB_PATH", "").strip()
    return Settings(
        name,
        absolute(root),
        Path(absolute(database) if database else local_dbt.DATABASE),
        full_refresh,
        variables,
        "duckdb_s3" if used_root.startswith("s3://") else "duckdb",
    )


def with_target(chosen: Settings, target: str) -> tuple[Settings, bool]:
    """Return settings for an output of the profile, and whether it is of DuckDB.

    With a target, the profile is profiles.yml of the checkout where there is one.

    Args:
        chosen: the settings.
        target: the output's name; empty: that of the settings.

    Raises:
        Stopped: the profile has no such target.
    """
    profiles = local_dbt.ROOT / "profiles.yml"
    if not target or not profiles.is_file():
        profiles = local_dbt.ROOT / "profiles.example.yml"
    else:
        chosen = chosen._replace(profiles=local_dbt.ROOT)
    target = target or chosen.target
    try:
        outputs = yaml.safe_load(profiles.read_text("utf-8"))["cloudtrail_s3"][
            "outputs"
        ]
        kind = outputs[target]["type"] if target in outputs else ""
    except (yaml.YAMLError, KeyError, TypeError) as error:
        raise Stopped(
            f"{profiles.name} has no outputs below cloudtrail_s3: write it as"
            " profiles.example.yml."
        ) from error
    if not kind:
        raise Stopped(
            f"TARGET: {target} is no target of {profiles.name}; it has"
            f" {', '.join(outputs)}."
        )
    return chosen._replace(target=target), kind == "duckdb"


def check_database(path: Path) -> None:
    """Open and close the database, which dbt would do much later.

    Raises:
        Stopped: it cannot be written, is none, or has a name of which dbt
            cannot make a database's name.
    """
    import duckdb

    if re.search("['\"#?]", path.name):
        raise Stopped(
            f"The database {path} has a quote, # or ? in its name: build another one"
            " with CLOUDTRAIL_DUCKDB_PATH=<file>."
        )
    if not path.parent.is_dir():
        raise Stopped(
            f"The folder {path.parent} of the database does not exist: make it, or"
            " build another database with CLOUDTRAIL_DUCKDB_PATH=<file>."
        )
    is_new = not path.exists()
    try:
        duckdb.connect(str(path)).close()
    except duckdb.Error as error:
        raise Stopped(database_sentence(path, str(error))) from error
    if is_new:
        path.unlink(missing_ok=True)


def database_sentence(path: Path, text: str) -> str:
    """Return the sentence for an error that opening the database gave."""
    said = sentence(text, str(LOG))
    if not said.startswith("The file "):
        return said
    # Whatever its name ends in, this file was meant as the database.
    return (
        f"The database {path} cannot be written ({first_line(text)}): make it and"
        " its folder writable, or build another one with"
        " CLOUDTRAIL_DUCKDB_PATH=<file>."
    )


def check_names(root: str) -> None:
    """Look for names below a local root that DuckDB does not list.

    Raises:
        Stopped: there is one; its events would be missing without a word.
    """
    for folder, folders, files in os.walk(root):
        logs = [name for name in files if name.endswith((".json", ".json.gz"))]
        for name in [*folders, *logs]:
            if re.search(r"[\\\ud800-\udfff]", name):
                raise Stopped(
                    f"The path {Path(folder) / name} has a backslash or is no"
                    " UTF-8, which DuckDB cannot read: rename it."
                )


class Progress:
    """Prints what dbt's events tell, a line for each table or stage."""

    def __init__(self, *, shows_tables: bool = True) -> None:
        self.shows_tables = shows_tables
        self.total = 0
        self.finished = 0
        self.tests = 0
        self.running: dict[str, float] = {}
        self.warnings: list[str] = []
        self.errors: list[str] = []
        self._printed_at = time.monotonic()
        self._lock = threading.Lock()
        self._over = threading.Event()
        threading.Thread(target=self._break_silence, daemon=True).start()

    def say(self, line: str) -> None:
        """Print a line at once, also into a pipe."""
        with self._lock:
            self._printed_at = time.monotonic()
            print(line, flush=True)

    def end(self) -> None:
        """Stop saying what is being done."""
        self._over.set()

    def note(self, event: Any) -> None:
        """Take one of dbt's events."""
        name = event.info.name
        if name == "LogStartLine":
            self.total = event.data.total
        elif name == "NodeStart":
            self.running[event.data.node_info.node_name] = time.monotonic()
        elif name == "NodeFinished":
            self._finish(event.data.node_info)
        elif name == "PrintEvent":
            self.say(event.data.msg)
        elif name == "RunningOperationCaughtError":
            self.errors.append(event.data.exc)
        elif name == "JinjaLogWarning":
            self.warnings.append(event.data.msg.replace(MARKER, ""))

    def _finish(self, node: Any) -> None:
        took = time.monotonic() - self.running.pop(node.node_name, time.monotonic())
        self.finished += 1
        if node.resource_type in ("test", "unit_test"):
            self.tests += 1
            return
        if self.shows_tables and node.node_status in ("success", "error"):
            done = took if node.node_status == "success" else None
            self.say(self._line(node.resource_type, node.node_name, done))

    def _line(self, kind: str, name: str, seconds: float | None) -> str:
        width = len(str(self.total))
        took = "failed" if seconds is None else f"{seconds:6.1f} s"
        return f"  [{self.finished:{width}}/{self.total}] {kind:<6} {name:<42} {took}"

    def _break_silence(self) -> None:
        while not self._over.wait(1):
            if time.monotonic() - self._printed_at < SILENCE or not self.running:
                continue
            names = list(self.running)
            name, since = names[0], self.running.get(names[0])
            if since is None:
                continue
            seconds = time.monotonic() - since
            width = len(str(self.total))
            self.say(
                f"  [{self.finished:{width}}/{self.total}] ...    {name:.42}"
                f" ({seconds:.0f} s so far)"
            )


def failure(result: Any, errors: list[str]) -> str:
    """Return the sentence for a command of dbt that did not succeed.

    Args:
        result: of dbtRunner.
        errors: what an operation failed with, which its result leaves out.
    """
    log = str(LOG.relative_to(local_dbt.ROOT))
    if result.exception is not None:
        return sentence(str(result.exception), log)
    for text in errors:
        return sentence(text, log)
    results = getattr(result.result, "results", [])
    errors = [r for r in results if str(r.status) in ("error", "runtime error")]
    stops = [r for r in errors if stop_sentence(r.message or "")]
    for found in stops or errors:
        return sentence(found.message or "", log)
    failed = [r for r in results if str(r.status) == "fail"]
    if failed:
        return failed_test(failed[0].node, failed[0].failures, len(failed) - 1, log)
    return f"The build failed ({log} tells more)."


def failed_test(node: Any, rows: int | None, others: int, log: str) -> str:
    """Return the sentence for a data test that found something."""
    what = " ".join((node.description or "").split()).rstrip(".")
    query = getattr(node, "compiled_path", None)
    more = f", as did {others} more" if others else ""
    return (
        f"The check {node.name} failed{more}: it found {rows or 0} rows"
        + (f" ({what})" if what else "")
        + f"; run its query {relative(query)} to see them ({log} tells more)."
    )


def relative(path: str | None) -> str:
    """Return a path as seen from the checkout."""
    if not path:
        return "in target/"
    return os.path.relpath(path, local_dbt.ROOT)


def test_warnings(result: Any) -> list[str]:
    """Return a line for each test that only warns and found something."""
    lines = []
    for found in getattr(result.result, "results", []):
        if str(found.status) != "warn":
            continue
        node = found.node
        what = " ".join((node.description or "").split()) or node.name
        lines.append(f"{what.rstrip('.')} ({found.failures or 0} rows).")
    return lines


def wrapped(line: str) -> str:
    """Return a warning as indented lines, without control characters."""
    return textwrap.fill(
        "warning: " + printable(line),
        width=WIDTH,
        initial_indent="  ",
        subsequent_indent="           ",
    )


class Failed(Stopped):
    """A command of dbt did not succeed; what dbtRunner says of it."""

    def __init__(self, said: str, result: Any) -> None:
        super().__init__(said)
        self.result = result


class Dbt:
    """Runs dbt's commands with the settings of a build."""

    def __init__(self, chosen: Settings) -> None:
        """Parse the project.

        Raises:
            Stopped: it does not parse.
        """
        self.chosen = chosen
        self.manifest = None
        # The file is written again by what is run on it.
        self.manifest = self("parse", "--no-write-json", progress=Progress()).result
        # dbt cannot copy what the other engine alone has.
        self.manifest.disabled.clear()

    def __call__(
        self,
        *command: str,
        progress: Progress,
        variables: str | None = None,
        note: Callable[[Any], None] | None = None,
    ) -> Any:
        """Run a command, and return what dbtRunner says of it.

        Args:
            command: the command and its options.
            progress: takes dbt's events, and ends with a failure.
            variables: what `--vars` gets, else the build's.
            note: takes dbt's events in place of `progress`.

        Raises:
            Failed: it did not succeed.
        """
        from dbt.cli.main import dbtRunner

        chosen = self.chosen
        callbacks = [note or progress.note] if self.manifest else []
        # A run leaves in its models what it made of them: each gets a copy.
        manifest = self.manifest.deepcopy() if self.manifest else None
        result = dbtRunner(manifest, callbacks=callbacks).invoke(
            local_dbt.arguments(
                *command,
                "--vars",
                variables or chosen.variables,
                target_path=local_dbt.ROOT / "target" / chosen.name,
                target=chosen.target,
                profiles=chosen.profiles,
            )
        )
        if not result.success:
            progress.end()
            raise Failed(failure(result, progress.errors), result)
        return result

    def operate(self, operation: str, **arguments: Any) -> None:
        """Run an operation, and show what it prints.

        Args:
            operation: the macro's name.
            arguments: the macro's.

        Raises:
            Failed: it did not succeed.
        """
        given = ["--args", json.dumps(arguments)] if arguments else []
        self("run-operation", operation, *given, progress=Progress())

    def printed(self, operation: str, *, variables: str | None = None) -> list[str]:
        """Run an operation, and return what it prints instead of showing it.

        Args:
            operation: the macro's name.
            variables: what `--vars` gets, else the build's.

        Raises:
            Stopped: it did not succeed.
        """
        lines: list[str] = []
        progress = Progress()

        def note(event: Any) -> None:
            if event.info.name == "PrintEvent":
                lines.append(event.data.msg)
            else:
                progress.note(event)

        self(
            "run-operation",
            operation,
            progress=progress,
            variables=variables,
            note=note,
        )
        progress.end()
        return lines

    def build(
        self, *options: str, progress: Progress, variables: str | None = None
    ) -> tuple[str, list[str]]:
        """Build and test everything; return what was checked, and the warnings.

        Raises:
            Stopped: something failed.
        """
        built = self(
            "build",
            # They test the project's code, not the logs.
            "--exclude-resource-type",
            "unit_test",
            *options,
            progress=progress,
            variables=variables,
        )
        progress.end()
        found = test_warnings(built)
        warnings = progress.warnings + found
        checked = (
            f"{progress.tests - len(found)} checks passed,"
            f" {len(warnings)} {'warning' if len(warnings) == 1 else 'warnings'}."
        )
        return checked, [wrapped(" ".join(line.split())) for line in warnings]


def interrupted(number: int, frame: FrameType | None) -> NoReturn:
    """End at once: DuckDB's file keeps what was complete."""
    print(
        "\nInterrupted: the database holds what was complete; run the same again"
        " to go on.",
        file=sys.stderr,
        flush=True,
    )
    os._exit(128 + number)


def run(work: Callable[[], None]) -> int:
    """Do the work of a script; what stops it becomes one sentence on stderr."""
    # Names in logs may hold what the screen's encoding lacks.
    sys.stdout.reconfigure(errors="replace")
    signal.signal(signal.SIGINT, interrupted)
    signal.signal(signal.SIGTERM, interrupted)
    try:
        work()
    except Stopped as stopped:
        print(printable(str(stopped)), file=sys.stderr)
        return 1
    except Exception as error:  # noqa: BLE001
        local_dbt.LOGS.mkdir(exist_ok=True)
        with LOG.open("a", encoding="utf-8") as log:
            traceback.print_exc(file=log)
        print(sentence(str(error) or repr(error), str(LOG)), file=sys.stderr)
        return 1
    return 0
