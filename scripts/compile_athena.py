"""Compiles every model and analysis for Athena without a cloud.

moto answers the calls that dbt makes to AWS. What models look up while they
compile (the client catalogue, the days of a run) is asked of a database that
was built on DuckDB.

    compile_athena.py <database>

The SQL is written below ``target/athena/compiled``.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

import local_dbt
from sentences import sentence

TARGET_PATH = local_dbt.ROOT / "target" / "athena"

# Nothing of this exists: names of the right form. The catalog and the schema
# are those that the DuckDB database is attached as.
ENVIRONMENT = {
    "AWS_ACCESS_KEY_ID": "testing",
    "AWS_SECRET_ACCESS_KEY": "testing",
    "AWS_SESSION_TOKEN": "testing",
    "AWS_REGION": "us-east-1",
    "AWS_DEFAULT_REGION": "us-east-1",
    "ATHENA_S3_STAGING_DIR": "s3://example-results/staging/",
    "ATHENA_S3_DATA_DIR": "s3://example-results/tables/",
    "ATHENA_DATABASE": "awsdatacatalog",
    "ATHENA_SCHEMA": "main",
}
VARIABLES = (
    "{cloudtrail_start_date: '2026-05-01', cloudtrail_end_date: '2026-05-14',"
    " cloudtrail_account_ids: ['111122223333'],"
    " cloudtrail_regions: [us-east-1, eu-west-1]}"
)


@contextmanager
def offline_athena(lookups: Path | None = None) -> Iterator[None]:
    """Let dbt's Athena adapter work in this process without AWS.

    Args:
        lookups: a DuckDB database that answers queries; without one, and where
            it cannot answer, their result is empty.
    """
    import duckdb
    from dbt.adapters.athena import AthenaAdapter
    from dbt.adapters.contracts.connection import AdapterResponse
    from dbt_common.clients.agate_helper import table_from_data_flat
    from moto import mock_aws

    connection = duckdb.connect()
    if lookups:
        path = str(lookups).replace("'", "''")
        connection.execute(f"attach '{path}' as awsdatacatalog (read_only)")

    def execute(adapter: AthenaAdapter, sql: str, *_: Any, **__: Any) -> Any:
        try:
            cursor = connection.execute(sql)
            names = [column[0] for column in cursor.description]
            rows = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
        except duckdb.Error:
            names, rows = ["nothing"], []
        return AdapterResponse("OK"), table_from_data_flat(rows, names)

    ours = [name for name in os.environ if name.startswith(("AWS_", "ATHENA_"))]
    with patch.dict(os.environ), patch.object(AthenaAdapter, "execute", execute):
        for name in ours:
            del os.environ[name]
        os.environ.update(ENVIRONMENT)
        with mock_aws():
            yield
    connection.close()


def compile_athena(lookups: Path | None, target_path: Path = TARGET_PATH) -> Path:
    """Compile everything for Athena and return the folder of the SQL.

    Raises:
        RuntimeError: dbt did not succeed; the text is dbt's.
    """
    from dbt.cli.main import dbtRunner

    with offline_athena(lookups):
        local_dbt.prepare(local_dbt.DATABASE, "s3://example-logs")
        result = dbtRunner().invoke(
            local_dbt.arguments(
                "compile",
                "--vars",
                VARIABLES,
                target="athena",
                target_path=target_path,
            )
        )
    if not result.success:
        texts = [str(result.exception or "")]
        texts += [r.message or "" for r in getattr(result.result, "results", [])]
        raise RuntimeError("\n".join(text for text in texts if text))
    return target_path / "compiled" / "cloudtrail_s3"


def main() -> int:
    """Compile and print the folder."""
    try:
        print(compile_athena(Path(sys.argv[1])))
    except RuntimeError as error:
        print(sentence(str(error), "logs/dbt.log"), file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
