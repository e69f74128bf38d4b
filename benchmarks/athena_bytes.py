"""Bytes that questions and runs scan on Athena.

On the local Athena, with 90 days of generated logs: each of the S3 guide's questions of
a day, asked of the raw table without partitions, of the raw table with them, and of the
marts; then what the run of one more day reads, beside the run that built them. Bytes
are those of the stored objects, of Parquet those of the columns asked for; Athena
bills 10 MB a query at least.

The results replace the last ones in benchmarks/README.md.
"""

from __future__ import annotations

import os
import re
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

from lake import BUCKET, RAW, Lake  # noqa: E402

from benchmarks import generate, report  # noqa: E402
from benchmarks.logs import Logs, say  # noqa: E402
from local_athena.stack import LocalAthena, running  # noqa: E402
from local_athena.trino_engine import EXACT_BYTES  # noqa: E402

EVENTS, DAYS = 90_000, 90
ASKED = generate.FIRST_DAY + timedelta(days=DAYS // 2)
DAY = {"analysis_start": str(ASKED), "analysis_end": str(ASKED)}
OF_A_BUCKET = {"analysis_bucket": "website-4444-us-west-2"}
COLUMNS = ("unpartitioned", "partitioned", "marts")
LOOKBACK = 2
# What dbt writes before a statement names the model that it is of.
NODE = re.compile(r'/\*.*?"node_id": "(?P<node>[^"]+)".*?\*/', re.DOTALL)
KINDS = ("raw logs", "tables that runs add to", "tables that are made anew")


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


def kind_of(lake: Lake, statement: str) -> str:
    """Return what a statement of a run reads."""
    if RAW.search(NODE.sub("", statement)):
        return KINDS[0]
    node = NODE.search(statement)
    is_decision = (
        node is not None
        and node["node"] in lake.manifest.nodes
        and "decisions" in lake.manifest.nodes[node["node"]].fqn
    )
    return KINDS[2] if is_decision else KINDS[1]


def run(lake: Lake, days: int) -> dict[str, int]:
    """Load the logs up to a day; return the bytes that were scanned, by kind."""
    end_date = str(generate.FIRST_DAY + timedelta(days=days - 1))
    lake.make_table(end_date=end_date)
    before = len(lake.local.queries())
    lake.do("run", decisions=True, end_date=end_date)
    bytes_of = dict.fromkeys(KINDS, 0)
    for told in lake.local.queries()[before:]:
        kind = kind_of(lake, told["Query"])
        bytes_of[kind] += told["Statistics"]["DataScannedInBytes"]
    return bytes_of


def new_day(
    build: dict[str, int], one: dict[str, int], again: dict[str, int]
) -> list[str]:
    """Return the lines of the runs: a build, one new day, and the same once more."""
    part = (LOOKBACK + 2) / DAYS
    return [
        f"A day of {EVENTS // DAYS:,} events comes to {DAYS} such days;"
        f" `cloudtrail_lookback_days` is {LOOKBACK}, and {LOOKBACK + 2} days' part"
        f" {part:.1%}.",
        "",
        "`make bench-athena`",
        "",
        *report.table(
            ["", "build", "one new day", "the same again", "new day / build"],
            [
                [
                    kind,
                    *(f"{bytes_of[kind]:,}" for bytes_of in (build, one, again)),
                    f"{one[kind] / build[kind]:.1%}",
                ]
                for kind in KINDS
            ],
        ),
    ]


def measure(local: LocalAthena, folder: Path) -> tuple[list[str], list[str]]:
    """Return the lines of the questions' result, and those of the runs'."""
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
            lookback_days=LOOKBACK,
        )
        lake.make_table()
        # A view of the raw logs is enough for the questions to them.
        lake.do("run", "-s", "stg_cloudtrail__events")
        ask(lake, "raw", layout, bytes_of)
    say("building the tables")
    lake.do("seed")
    build = run(lake, DAYS)
    ask(lake, "marts", "marts", bytes_of)
    say("loading one new day")
    later = Logs(EVENTS // DAYS, 1, after=DAYS).folder()
    local.load(later.parent, BUCKET, "logs")
    runs = new_day(build, run(lake, DAYS + 1), run(lake, DAYS + 1))
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
    ], runs


def main() -> None:
    """Measure, print the result and keep it."""
    os.environ[EXACT_BYTES] = "1"
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with running(folder / "stack") as local:
            questions_asked, runs = measure(local, folder)
    report.record("athena", questions_asked)
    report.record("athena-new-day", runs)


if __name__ == "__main__":
    main()
