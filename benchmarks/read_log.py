"""A plugin of dbt-duckdb that has DuckDB log what it reads of which file."""

from __future__ import annotations

import os

from dbt.adapters.duckdb.plugins import BasePlugin
from duckdb import DuckDBPyConnection


class Plugin(BasePlugin):
    """Writes DuckDB's log of its file system to the file that CLOUDTRAIL_READS names.

    A line for each read names the file and the bytes that were taken of it: what is
    read twice is there twice.
    """

    def configure_connection(self, conn: DuckDBPyConnection) -> None:
        """Begin the log."""
        path = os.environ["CLOUDTRAIL_READS"].replace("'", "''")
        conn.execute(
            "call enable_logging('FileSystem', level = 'trace',"
            f" storage = 'file', storage_path = '{path}')"
        )
