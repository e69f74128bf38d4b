"""Bytes that each of the S3 guide's questions scans on Athena.

On the local Athena, with the sample logs: each question of a day, asked of the raw
table without partitions, of the raw table with them, and of the marts. Bytes
are those of the stored objects, as Athena counts them; it bills 10 MB a query at least.

The result replaces the last one in benchmarks/README.md.
"""

from __future__ import annotations

import re
import sys
import tempfile
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]
sys.path[:0] = [
    str(PROJECT),
    str(PROJECT / "scripts"),
    str(PROJECT / "integration_tests"),
    str(PROJECT / "integration_tests" / "athena"),
]

from lake import BUCKET, Lake  # noqa: E402
from test_same_results import SAMPLES, SETTINGS  # noqa: E402

from local_athena.stack import LocalAthena, running  # noqa: E402

README = PROJECT / "benchmarks" / "README.md"
DAY = {"analysis_start": "2026-05-14", "analysis_end": "2026-05-14"}


def compiled(lake: Lake, kind: str, **variables: str) -> dict[str, str]:
    """Compile the questions; return their statements by number and name."""
    lake.do("compile", "--select", f"path:analyses/{kind}", **variables)
    folder = lake.folder / "target" / "compiled" / "cloudtrail_s3" / "analyses" / kind
    return {
        path.stem.removeprefix(f"cloudtrail_{kind}_"): path.read_text("utf-8")
        for path in sorted(folder.glob("*.sql"))
    }


def scanned(local: LocalAthena, schema: str, statement: str) -> int:
    """Run a statement and return the bytes that it scanned."""
    told = local.query(statement, schema)
    if told["Status"]["State"] != "SUCCEEDED":
        raise RuntimeError(told["Status"]["StateChangeReason"])
    return told["Statistics"]["DataScannedInBytes"]


def measure(local: LocalAthena, folder: Path) -> list[str]:
    """Return the lines of the result."""
    stored = sum(local.load(SAMPLES, BUCKET, "samples").values())
    bytes_of: dict[str, dict[str, int]] = {}
    for column in ("unpartitioned", "partitioned"):
        lake = Lake(
            local,
            folder / column,
            column,
            f"s3://{BUCKET}/samples",
            layout=column,
            **SETTINGS,
        )
        lake.do("seed")
        lake.make_table()
        lake.do("run")
        for name, statement in compiled(lake, "raw", **DAY).items():
            bytes_of.setdefault(name, {})[column] = scanned(local, column, statement)
    for name, statement in compiled(lake, "marts", **DAY).items():
        bytes_of[name]["marts"] = scanned(local, lake.schema, statement)
    lines = [
        f"The sample logs: {stored:,} bytes stored. Each question of one day of"
        " twenty, 14 May 2026.",
        "",
        "`make bench-athena`",
        "",
        "| question | raw, unpartitioned | raw, partitioned | marts |",
        "|---|---:|---:|---:|",
    ]
    for name, columns in bytes_of.items():
        cells = [f"{columns[column]:,}" for column in columns]
        lines.append(f"| {name.replace('_', ' ')} | {' | '.join(cells)} |")
    return lines


def main() -> None:
    """Measure, print the result and keep it."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with running(folder / "stack") as local:
            lines = measure(local, folder)
    result = "\n".join(lines)
    print(result)
    text = README.read_text("utf-8")
    README.write_text(
        re.sub(
            "(<!-- athena begins -->\n).*?(\n<!-- athena ends -->)",
            lambda match: match.group(1) + result + match.group(2),
            text,
            flags=re.DOTALL,
        ),
        "utf-8",
    )


if __name__ == "__main__":
    main()
