"""Runs dbt commands, each in a process that ends or pauses where it is told to.

Started by ``runs.py``. The project is parsed once; a command is a fork of this
process, so that it costs no more than what it does. Requests come in on stdin
and events go out on stdout, one JSON object a line.
"""

from __future__ import annotations

import json
import os
import re
import signal
import sys
import threading
from typing import Any

# Statements, after dbt's comment, and calls that change nothing.
READS = re.compile(r"(?:\s|--.*\n)*(?:select|with|show|describe)\b", re.IGNORECASE)
READING_CALLS = re.compile(r"Batch(?:Get|Head)|Get|Head|List|Describe")

# stdout is for the events alone, whatever a library prints.
events = os.dup(1)
os.dup2(2, 1)


def tell(**event: Any) -> None:
    """Send an event, in one piece."""
    os.write(events, json.dumps(event).encode() + b"\n")


class Counter:
    """Counts the statements that a command sends; ends or pauses it at one.

    On Athena those count alone that a kill can tell from the one before: they change
    something, or their thread has changed something since its last statement.
    """

    def __init__(self, kill_at: int | str | None, pause_at: int | str | None) -> None:
        """Begin before the first statement.

        Args:
            kill_at: the statement at which the process is killed: its number, or a
                text of which it is the first to hold it.
            pause_at: the statement at which it is stopped until it is continued.
        """
        self.kill_at, self.pause_at = kill_at, pause_at
        self.count = 0
        self.lock = threading.Lock()
        self.changed = threading.local()

    def sent(self, text: str, counts: bool = True) -> None:
        """Note a statement: on DuckDB it is about to begin, on Athena it has."""
        with self.lock:
            self.count += counts
            tell(statement=self.count, text=text[:2000])
            if self._is(self.kill_at, text, counts):
                os.kill(os.getpid(), signal.SIGKILL)
            if self._is(self.pause_at, text, counts):
                self.pause_at = None
                # To this thread: another one would stop it a little later.
                signal.pthread_kill(threading.get_ident(), signal.SIGSTOP)

    def _is(self, wanted: int | str | None, text: str, counts: bool) -> bool:
        if isinstance(wanted, str):
            return wanted in text
        return counts and self.count == wanted

    def note(self, event: Any) -> None:
        """Take one of dbt's events: each statement for DuckDB is one."""
        if event.info.name == "SQLQuery":
            self.sent(event.data.sql)

    def watch_athena(self) -> None:
        """Count the queries that Athena has accepted."""
        from botocore.client import BaseClient

        call = BaseClient._make_api_call

        def counted(client: Any, operation: str, parameters: Any) -> Any:
            answer = call(client, operation, parameters)
            if operation == "StartQueryExecution":
                text = parameters["QueryString"]
                changes = not READS.match(text)
                before = getattr(self.changed, "something", False)
                self.changed.something = changes
                self.sent(text, changes or before)
            elif not READING_CALLS.match(operation):
                self.changed.something = True
            return answer

        BaseClient._make_api_call = counted


def run(manifest: Any, engine: str, request: dict[str, Any]) -> None:
    """Run a command in this process, and say how it ended."""
    os.environ.update(request["environment"])
    counter = Counter(request["kill_at"], request["pause_at"])
    if engine == "athena":
        counter.watch_athena()
    callbacks = [counter.note] if engine == "duckdb" else []
    result = dbtRunner(manifest, callbacks).invoke(request["arguments"])
    if engine == "duckdb":
        from dbt.adapters.duckdb.connections import DuckDBConnectionManager

        DuckDBConnectionManager.close_all_connections()
    errors = [str(result.exception)] if result.exception else []
    for node in getattr(result.result, "results", []):
        if str(node.status) in ("error", "fail", "runtime error"):
            errors.append(f"{node.node.name}: {node.message}")
    tell(success=bool(result.success), error="\n".join(errors))


def serve(engine: str, arguments: list[str]) -> None:
    """Parse the project, then run what is asked for, one command at a time."""
    if engine == "athena":
        import service_models

        service_models.read_before_forks()
    parsed = dbtRunner().invoke(arguments)
    if not parsed.success:
        raise RuntimeError(f"the project does not parse: {parsed.exception}")
    tell(ready=True)
    for line in sys.stdin:
        child = os.fork()
        if not child:
            try:
                run(parsed.result, engine, json.loads(line))
            finally:
                os._exit(0)
        tell(pid=child)
        while True:
            _, status = os.waitpid(child, os.WUNTRACED)
            if not os.WIFSTOPPED(status):
                break
            tell(paused=True)
        tell(ended=os.waitstatus_to_exitcode(status))


if __name__ == "__main__":
    from dbt.cli.main import dbtRunner

    serve(sys.argv[1], sys.argv[2:])
