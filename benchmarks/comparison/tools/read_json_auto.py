"""DuckDB's read_json_auto and unnest: DuckDB finds out the structure."""

from __future__ import annotations

from duckdb_tables import Tables
from task import main


class ReadJsonAuto(Tables):
    """The structure that DuckDB infers from the first records."""

    records = "select unnest(Records) as r from read_json_auto({files})"
    time = "strftime(r.eventTime, '%Y-%m-%dT%H:%M:%SZ')"


if __name__ == "__main__":
    main(ReadJsonAuto)
