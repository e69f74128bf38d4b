"""The engine: a Trino server of one node, and the statements that it runs."""

from __future__ import annotations

import ctypes
import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import trino

from local_athena.statements import ICEBERG_CATALOG

# Athena opens at most this many partitions in one CREATE TABLE AS or INSERT.
OPEN_PARTITIONS = 100
# Seconds; 10 on an idle machine.
STARTS_WITHIN = 300
ACCESS_KEY = "trino"
# Set in the environment, Trino reads of a Parquet file the columns asked for and
# nothing else: neither small files whole, nor what lies between two columns. That is
# more requests, and what counting bytes needs.
EXACT_BYTES = "LOCAL_ATHENA_EXACT_BYTES"
CATALOG = "awsdatacatalog"
# Loaded here, as little as possible is left to do between fork and exec.
LIBC = ctypes.CDLL(None)


class QueryFailed(Exception):
    """Trino refused or failed a statement; the text begins with its error's name."""


class Result(NamedTuple):
    """What came of a statement."""

    columns: list[tuple[str, str]]
    rows: list[list[Any]]
    scanned_bytes: int
    changed_rows: int | None


def write_settings(folder: Path, port: int, endpoint: str, plugins: Path) -> None:
    """Write Trino's configuration.

    Args:
        folder: where to.
        port: its own port.
        endpoint: where S3 and Glue are.
        plugins: the connectors' folder.
    """
    store = {
        "fs.native-s3.enabled": "true",
        "s3.endpoint": endpoint,
        "s3.region": "us-east-1",
        "s3.path-style-access": "true",
        "s3.aws-access-key": ACCESS_KEY,
        "s3.aws-secret-key": ACCESS_KEY,
    }
    glue = {
        "hive.metastore.glue.endpoint-url": endpoint,
        "hive.metastore.glue.region": "us-east-1",
        "hive.metastore.glue.aws-access-key": ACCESS_KEY,
        "hive.metastore.glue.aws-secret-key": ACCESS_KEY,
        "hive.metastore.glue.catalogid": "123456789012",
    }
    parquet = {
        "parquet.small-file-threshold": "0B",
        "parquet.max-merge-distance": "0B",
    }
    reader = parquet if os.environ.get(EXACT_BYTES) else {}
    files = {
        "config.properties": {
            "coordinator": "true",
            "node-scheduler.include-coordinator": "true",
            "http-server.http.port": str(port),
            "discovery.uri": f"http://127.0.0.1:{port}",
            "catalog.config-dir": str(folder / "catalog"),
            "plugin.dir": str(plugins),
            # One writer, so that it meets Athena's limit of open partitions.
            "task.min-writer-count": "1",
            "task.max-writer-count": "1",
            "task.scale-writers.enabled": "false",
            "scale-writers": "false",
        },
        "log.properties": {"io.trino": "INFO"},
        f"catalog/{CATALOG}.properties": {
            "connector.name": "hive",
            "hive.metastore": "glue",
            "hive.security": "allow-all",
            "hive.non-managed-table-writes-enabled": "true",
            "hive.partition-projection-enabled": "true",
            "hive.recursive-directories": "true",
            # Athena's default of CREATE TABLE AS; Trino's is ORC.
            "hive.storage-format": "PARQUET",
            "hive.collect-column-statistics-on-write": "false",
            "hive.max-partitions-per-writers": str(OPEN_PARTITIONS),
            "hive.iceberg-catalog-name": ICEBERG_CATALOG,
            **glue,
            **store,
            **reader,
        },
        f"catalog/{ICEBERG_CATALOG}.properties": {
            "connector.name": "iceberg",
            "iceberg.catalog.type": "glue",
            "iceberg.max-partitions-per-writer": str(OPEN_PARTITIONS),
            **glue,
            **store,
            **reader,
        },
    }
    for name, settings in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        lines = [f"{key}={value}\n" for key, value in settings.items()]
        path.write_text("".join(lines), encoding="utf-8")


def end_with_parent() -> None:
    """Have Linux end this process when the one that started it ends."""
    if sys.platform == "linux":
        LIBC.prctl(1, signal.SIGTERM)


class TrinoEngine:
    """A running Trino."""

    def __init__(
        self, java: Path, server: Path, folder: Path, port: int, endpoint: str
    ) -> None:
        """Start it; `wait` tells when it answers.

        Args:
            java: the Java that runs it.
            server: the unpacked Trino.
            folder: where settings, data and the log go.
            port: its own port.
            endpoint: where S3 and Glue are.
        """
        self._port = port
        settings = folder / "trino"
        write_settings(settings, port, endpoint, server / "plugin")
        memory = os.environ.get("LOCAL_ATHENA_MEMORY", "2g")
        command = [
            str(java),
            f"-Xmx{memory}",
            # Statements here are many and small: compiling them well would take
            # longer than running them.
            "-XX:TieredStopAtLevel=1",
            "-XX:+UseSerialGC",
            "-XX:ReservedCodeCacheSize=256M",
            "-Djdk.attach.allowAttachSelf=true",
            "-Dfile.encoding=UTF-8",
            "-Duser.timezone=UTC",
            "--enable-native-access=ALL-UNNAMED",
            "--sun-misc-unsafe-memory-access=allow",
            f"-Dconfig={settings / 'config.properties'}",
            f"-Dlog.levels-file={settings / 'log.properties'}",
            "-Dnode.environment=local",
            "-Dnode.id=local-athena",
            f"-Dnode.data-dir={settings / 'data'}",
            "-cp",
            str(server / "lib" / "*"),
            "io.trino.server.TrinoServer",
        ]
        (settings / "data").mkdir(exist_ok=True)
        self.log = folder / "trino.log"
        with self.log.open("w", encoding="utf-8") as log:
            self.process = subprocess.Popen(
                command,
                cwd=settings,
                stdout=log,
                stderr=log,
                # One system call, which takes no lock of another thread's.
                preexec_fn=end_with_parent,  # noqa: PLW1509
            )

    def wait(self) -> None:
        """Wait until it answers.

        Raises:
            RuntimeError: it ended, or does not answer in time.
        """
        until = time.monotonic() + STARTS_WITHIN
        while time.monotonic() < until:
            if self.process.poll() is not None:
                break
            if self._is_started():
                return
            time.sleep(0.2)
        raise RuntimeError(f"Trino did not start; its log is {self.log}")

    def _is_started(self) -> bool:
        url = f"http://127.0.0.1:{self._port}/v1/info"
        try:
            with urllib.request.urlopen(url, timeout=5) as answer:
                return json.load(answer)["starting"] is False
        except (urllib.error.URLError, OSError, ValueError):
            return False

    def stop(self) -> None:
        """End it."""
        self.process.terminate()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def run(
        self,
        statement: str,
        schema: str | None,
        started: Callable[[Callable[[], None]], None] = lambda cancel: None,
    ) -> Result:
        """Run a statement to its end.

        Args:
            statement: in Trino's language.
            schema: the database that bare names are in.
            started: is given what cancels the statement.

        Raises:
            QueryFailed: it failed or was cancelled.
        """
        connection = trino.dbapi.connect(
            host="127.0.0.1",
            port=self._port,
            user="athena",
            catalog=CATALOG,
            schema=schema,
            timezone="UTC",
            legacy_primitive_types=True,
        )
        cursor = connection.cursor()
        started(cursor.cancel)
        try:
            cursor.execute(statement)
            rows = cursor.fetchall()
        except trino.exceptions.TrinoQueryError as error:
            raise QueryFailed(f"{error.error_name}: {error.message}") from error
        except trino.exceptions.Error as error:
            raise QueryFailed(f"GENERIC_INTERNAL_ERROR: {error}") from error
        columns = [(column[0], column[1]) for column in cursor.description or []]
        changed = cursor.rowcount if cursor.update_type else -1
        return Result(
            columns,
            rows,
            cursor.stats.get("physicalInputBytes", 0),
            changed if changed >= 0 else None,
        )
