"""Writes the project's documentation as one page, from the demo's tables."""

from __future__ import annotations

import sys
from pathlib import Path

import local_dbt
from sentences import sentence

FOLDER = local_dbt.ROOT / "target" / "docs"


def is_built(database: Path) -> bool:
    """Tell whether a database holds tables; one that dbt only opened has none."""
    if not database.exists():
        return False
    import duckdb

    with duckdb.connect(str(database), read_only=True) as connection:
        return bool(connection.execute("select 1 from duckdb_tables()").fetchone())


def main() -> int:
    """Generate the page; the columns' types come from the demo's database."""
    local_dbt.prepare(local_dbt.DEMO_DATABASE, str(local_dbt.SAMPLE_LOGS))

    from dbt.cli.main import dbtRunner

    result = dbtRunner().invoke(local_dbt.arguments("parse", target_path=FOLDER))
    if result.success:
        # The first page: the package's own, which dbt keeps for packages.
        docs = result.result.docs
        page = docs["doc.cloudtrail_s3.__cloudtrail_s3__"]
        docs["doc.dbt.__overview__"].block_contents = page.block_contents
        command = ["docs", "generate", "--static"]
        if not is_built(local_dbt.DEMO_DATABASE):
            # make demo has not run yet: a page without the types and the SQL, for
            # which models look up tables.
            command += ["--empty-catalog", "--no-compile"]
        result = dbtRunner(manifest=result.result).invoke(
            local_dbt.arguments(*command, target_path=FOLDER)
        )
    if not result.success:
        print(sentence(str(result.exception), "logs/dbt.log"), file=sys.stderr)
        return 1
    print(FOLDER / "static_index.html")
    return 0


if __name__ == "__main__":
    sys.exit(main())
