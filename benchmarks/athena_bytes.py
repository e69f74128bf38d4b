"""Bytes that each of the S3 guide's questions scans on Athena.

On the local Athena, with 90 days of generated logs: each question of a day, asked of
the raw table without partitions, of the raw table with them, and of the marts. Bytes
are those of the stored objects, of Parquet those of the columns asked for; Athena
bills 10 MB a query at least.

The result replaces the last one in benchmarks/README.md.
"""

from __future__ import annotations

import os
import sys
import tempfile
from datetime import timedelta
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]
sys.path[:0] = [
    str(PROJECT),
    str(PROJECT / "scripts"),
    str(PROJECT / "integration_tests"),
    str(PROJECT / "integration_tests" / "athena"),
]

from lake import BUCKET, Lake  # noqa: E402

from benchmarks import generate, report  # noqa: E402
from benchmarks.logs import Logs, say  # noqa: E402
from local_athena.stack import LocalAthena, running  # noqa: E402
from local_athena.trino_engine import EXACT_BYTES  # noqa: E402

EVENTS, DAYS = 90_000, 90
ASKED = generate.FIRST_DAY + timedelta(days=DAYS // 2)
DAY = {"analysis_start": str(ASKED), "analysis_end": str(ASKED)}
OF_A_BUCKET = {"analysis_bucket": "website-4444-us-west-2"}
COLUMNS = ("unpartitioned", "partitioned", "marts")


def compiled(lake: Lake, kind: str, **variables: str) -> dict[str, str]:
    """Compile the questions; return their statements by number and name."""
    lake.do("compile", "--select", f"path:analyses/{kind}", **variables)
    folder = lake.folder / "target" / "compiled" / "cloudtrail_s3" / "analyses" / kind
    return {
        path.stem.removeprefix(f"cloudtrail_{kind}_"): path.read_text("utf-8")
        for path in sorted(folder.glob("*.sql"))
    }


def questions(lake: Lake, kind: str) -> dict[str, str]:
    """Return the statements of the raw logs or of the marts, by their headline."""
    anonymous = "07_anonymous_access"
    found = compiled(lake, kind, **DAY)
    for title, variables in (
        ("of a bucket", {**DAY, **OF_A_BUCKET}),
        ("of a bucket, all days", OF_A_BUCKET),
    ):
        found[f"{anonymous} {title}"] = compiled(lake, kind, **variables)[anonymous]
    return dict(sorted(found.items()))


def scanned(local: LocalAthena, schema: str, statement: str) -> int:
    """Run a statement and return the bytes that it scanned."""
    told = local.query(statement, schema)
    if told["Status"]["State"] != "SUCCEEDED":
        raise RuntimeError(told["Status"]["StateChangeReason"])
    return told["Statistics"]["DataScannedInBytes"]


def ask(
    lake: Lake, kind: str, column: str, bytes_of: dict[str, dict[str, int]]
) -> None:
    """Ask the questions, and note the bytes of each in a column."""
    for name, statement in questions(lake, kind).items():
        found = scanned(lake.local, lake.schema, statement)
        say(f"{column}: {name}: {found:,}")
        bytes_of.setdefault(name, {})[column] = found


def measure(local: LocalAthena, folder: Path) -> list[str]:
    """Return the lines of the result."""
    logs = Logs(EVENTS, DAYS).folder()
    say("loading the logs")
    stored = sum(local.load(logs.parent, BUCKET, "logs").values())
    bytes_of: dict[str, dict[str, int]] = {}
    for layout in COLUMNS[:2]:
        lake = Lake(
            local,
            folder / layout,
            layout,
            f"s3://{BUCKET}/logs",
            layout=layout,
            account_ids=list(generate.ACCOUNTS),
            regions=list(generate.REGIONS),
            start_date=str(generate.FIRST_DAY),
            end_date=str(generate.FIRST_DAY + timedelta(days=DAYS - 1)),
        )
        lake.make_table()
        # A view of the raw logs is enough for the questions to them.
        lake.do("run", "-s", "stg_cloudtrail__events")
        ask(lake, "raw", layout, bytes_of)
    say("building the tables")
    lake.do("seed")
    lake.do("run")
    ask(lake, "marts", "marts", bytes_of)
    rows = []
    for name, found in bytes_of.items():
        cells = [f"{found[column]:,}" for column in COLUMNS]
        marts = found["marts"]
        cells.append(f"{found['unpartitioned'] / marts:,.0f}" if marts else "")
        rows.append([name.replace("_", " "), *cells])
    return [
        f"{EVENTS:,} events in {DAYS} days: {stored:,} bytes stored. Each question of"
        f" one day, {ASKED:%-d %B %Y}, where no other days are named.",
        "",
        "`make bench-athena`",
        "",
        *report.table(
            [
                "question",
                "raw, unpartitioned",
                "raw, partitioned",
                "marts",
                "unpartitioned / marts",
            ],
            rows,
        ),
    ]


def main() -> None:
    """Measure, print the result and keep it."""
    os.environ[EXACT_BYTES] = "1"
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with running(folder / "stack") as local:
            lines = measure(local, folder)
    report.record("athena", lines)


if __name__ == "__main__":
    main()
