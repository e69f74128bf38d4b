"""Runs of dbt that are killed or paused at a statement, on either engine."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

SERVER = Path(__file__).with_name("run_server.py")
MODULES = SERVER.parents[1]


@dataclass
class Started:
    """A run that goes on in a process of its own.

    Attributes:
        server: who runs it.
        statements: the texts of the statements sent so far.
        pid: its process.
        success: whether it succeeded; false as long as it has not ended.
        error: the texts of all errors.
        status: its exit status, that of a signal is negative.
    """

    server: Server
    statements: list[str] = field(default_factory=list)
    pid: int = 0
    success: bool = False
    error: str = ""
    status: int | None = None
    paused: bool = False

    @property
    def killed(self) -> bool:
        """Whether it was killed."""
        return self.status == -signal.SIGKILL

    def _next(self) -> None:
        event = self.server.read()
        if "statement" in event:
            self.statements.append(event["text"])
        elif "ended" in event:
            self.status = event["ended"]
        else:
            for name, value in event.items():
                setattr(self, name, value)

    def until_started(self) -> Started:
        """Wait for the process."""
        while not self.pid:
            self._next()
        return self

    def until_sent(self, number: int) -> Started:
        """Wait until a statement is sent, or the run has ended."""
        while self.status is None and len(self.statements) < number:
            self._next()
        return self

    def until_paused(self) -> Started:
        """Wait until it is paused."""
        while self.status is None and not self.paused:
            self._next()
        assert self.paused, f"the run ended: {self.error}"
        return self

    def until_ended(self) -> Started:
        """Wait for its end."""
        while self.status is None:
            self._next()
        return self

    def resume(self) -> Started:
        """Let it go on after a pause, and wait for its end."""
        self.paused = False
        os.kill(self.pid, signal.SIGCONT)
        return self.until_ended()

    def kill(self) -> Started:
        """Kill it where it is, and wait for its end."""
        if self.status is None:
            os.kill(self.until_started().pid, signal.SIGKILL)
        return self.until_ended()


class Server:
    """A process that has parsed the project and runs dbt in forks of itself."""

    def __init__(
        self, engine: str, options: list[str], environment: dict[str, str], log: Path
    ) -> None:
        """Start it.

        Args:
            engine: duckdb or athena: how statements are counted.
            options: dbt's options that every command is given.
            environment: variables that every command sees.
            log: the file that gets what dbt and its libraries print.
        """
        self.options = options
        with log.open("w") as said:
            self.process = subprocess.Popen(
                [sys.executable, SERVER, engine, "parse", *options],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=said,
                env={**os.environ, **environment, "PYTHONPATH": str(MODULES)},
                text=True,
            )
        assert "ready" in self.read(), log.read_text()

    def read(self) -> dict[str, Any]:
        """Return the next event.

        Raises:
            RuntimeError: there is none, because the process has ended.
        """
        assert self.process.stdout
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError("the process that runs dbt has ended")
        return json.loads(line)

    def start(
        self,
        *arguments: str,
        environment: dict[str, str] | None = None,
        kill_at: int | str | None = None,
        pause_at: int | str | None = None,
    ) -> Started:
        """Begin a run; the one before must have ended.

        Args:
            arguments: the command and its options.
            environment: variables that this command sees.
            kill_at: the statement at which it kills itself: its number, or a text of
                which it is the first to hold it.
            pause_at: the statement at which it waits.
        """
        request = {
            "arguments": [*arguments, *self.options],
            "environment": environment or {},
            "kill_at": kill_at,
            "pause_at": pause_at,
        }
        assert self.process.stdin
        self.process.stdin.write(json.dumps(request) + "\n")
        self.process.stdin.flush()
        return Started(self).until_started()

    def stop(self) -> None:
        """End the process."""
        assert self.process.stdin
        self.process.stdin.close()
        self.process.wait()
