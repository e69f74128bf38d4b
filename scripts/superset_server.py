"""Starts a Superset of one's own that shows the dashboards of bi/superset/.

Its state, also who may log in, is in a folder: .superset/ of the checkout.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import local_dbt
from local_dbt import Stopped
from sentences import printable
from superset_dashboards import DASHBOARDS
from superset_import import Superset, archive, wanted_uri

PROGRAMS = local_dbt.ROOT / ".venv-superset" / "bin"
REQUIREMENTS = local_dbt.ROOT / "requirements" / "superset.txt"
HOME = local_dbt.ROOT / ".superset"
PORT = 8088
USER = "admin"
SECONDS_TO_START = 300
# Flask's name of an option: on a command line every user of the machine could read it.
ADMIN_PASSWORD = "FLASK_FAB_CREATE_ADMIN_PASSWORD"


def secret(file: Path) -> str:
    """Return the secret that a file keeps, a new one where there is none."""
    with contextlib.suppress(FileExistsError):
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as out:
            out.write(secrets.token_urlsafe(32))
    return file.read_text("utf-8")


class Server:
    """A Superset in a folder.

    Attributes:
        password: that of its user `admin`.
        address: where it is while it runs.
    """

    def __init__(self, folder: Path, port: int) -> None:
        """Use a folder, which is made where it is not there."""
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self.password = secret(folder / "password")
        self.port = port
        self.address = f"http://127.0.0.1:{port}"
        settings = local_dbt.ROOT / "bi" / "superset" / "superset_config.py"
        # Neither another Superset's settings nor another Python's.
        kept = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("SUPERSET_", "FLASK_", "PYTHON"))
        }
        self.environment = {
            **kept,
            "FLASK_APP": "superset",
            "SUPERSET_HOME": str(folder),
            "SUPERSET_CONFIG_PATH": str(settings),
            "SUPERSET_SECRET_KEY": secret(folder / "secret_key"),
        }

    def prepare(self) -> None:
        """Make its tables, roles and user; what is done already is left alone.

        Raises:
            Stopped: a step fails.
        """
        done = self.folder / "prepared"
        wanted = REQUIREMENTS.read_text("utf-8")
        if done.exists() and done.read_text("utf-8") == wanted:
            return
        user = ["--username", USER, "--firstname", "Admin", "--lastname", "User"]
        user += ["--email", "admin@localhost"]
        with (self.folder / "prepare.log").open("w", encoding="utf-8") as log:
            for step in (["db", "upgrade"], ["fab", "create-admin", *user], ["init"]):
                command = [str(PROGRAMS / "superset"), *step]
                told = subprocess.run(
                    command,
                    check=False,
                    env={**self.environment, ADMIN_PASSWORD: self.password},
                    cwd=self.folder,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                )
                if told.returncode:
                    raise Stopped(
                        f"Superset could not be prepared: {log.name} tells why. Remove"
                        f" {self.folder} to begin anew."
                    )
        done.write_text(wanted, "utf-8")

    @contextlib.contextmanager
    def running(self) -> Iterator[Superset]:
        """Run it, and end it with all its processes.

        Raises:
            Stopped: it does not start.
        """
        with contextlib.suppress(OSError):
            socket.create_connection(("127.0.0.1", self.port), timeout=10).close()
            raise Stopped(
                f"Something answers at {self.address} already: end it, or take another"
                " port with SUPERSET_PORT=<port>."
            )
        # One process: it alone holds the DuckDB file while it reads.
        command = [str(PROGRAMS / "gunicorn"), "--workers", "1", "--threads", "8"]
        command += ["--timeout", "300", "--bind", f"127.0.0.1:{self.port}"]
        with (self.folder / "server.log").open("w", encoding="utf-8") as log:
            process = subprocess.Popen(
                [*command, "superset.app:create_app()"],
                env=self.environment,
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        try:
            self.wait(process)
            yield Superset(self.address, USER, self.password)
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGTERM)
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()

    def wait(self, process: subprocess.Popen[bytes]) -> None:
        """Wait until it answers.

        Raises:
            Stopped: it ends, or does not answer.
        """
        until = time.monotonic() + SECONDS_TO_START
        while process.poll() is None and time.monotonic() < until:
            try:
                urllib.request.urlopen(f"{self.address}/health").close()
                return
            except (OSError, urllib.error.URLError):
                time.sleep(0.2)
        raise Stopped(f"Superset did not start: {self.folder}/server.log tells why.")


def main() -> int:
    """Show the dashboards until someone ends it."""
    # As Ctrl+C does: Superset ends with this process.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        uri = wanted_uri()
        port = os.environ.get("SUPERSET_PORT") or str(PORT)
        if not port.isdecimal() or not 0 < int(port) < 65536:
            raise Stopped(f"SUPERSET_PORT is no port: {port}")
        server = Server(HOME, int(port))
        if not (HOME / "prepared").exists():
            print("Preparing Superset (once; about a minute) ...", flush=True)
        server.prepare()
        with server.running() as superset:
            superset.upload(archive(uri))
            print(f"\n  user {USER}, password {server.password}\n")
            for dashboard in DASHBOARDS:
                print(f"  {dashboard.title:28} {superset.place_of(dashboard)}")
            print("\n  End it with Ctrl+C.", flush=True)
            signal.pause()
    except KeyboardInterrupt:
        return 0
    except Stopped as problem:
        print(printable(str(problem)), file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
