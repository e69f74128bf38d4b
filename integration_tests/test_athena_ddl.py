"""The DDL for Athena: its text, what real parsers say of it, what it refuses.

The expected texts are in golden/, one file per root, layout and SerDe. After a
wanted change write them anew, and read the difference:

    UPDATE_GOLDEN=1 pytest integration_tests/test_athena_ddl.py
"""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import boto3
import duckdb
import moto
import pytest
import sqlglot
from dbt.cli.main import dbtRunner
from sqlfluff.core import FluffConfig, Linter
from sqlglot import expressions

ROOT = Path(__file__).resolve().parent.parent
GOLDEN = Path(__file__).resolve().parent / "golden"

LAYOUTS = ["projected", "partitioned", "unpartitioned"]
SERDES = ["json", "cloudtrail"]
ATHENA_LIMIT = 262_144

ACCOUNTS = ["111122223333", "444455556666"]
BASE = {
    "cloudtrail_root": "s3://amzn-s3-demo-bucket/logs",
    "cloudtrail_account_ids": ACCOUNTS[:1],
    "cloudtrail_regions": ["us-east-1", "eu-west-1"],
    "cloudtrail_start_date": "2026-04-30",
    "cloudtrail_end_date": "2026-05-10",
}
ROOTS = {
    "plain": {},
    "organization": {
        "cloudtrail_root": "s3://amzn-s3-demo-bucket",
        "cloudtrail_organization_id": "o-a1b2c3d4e5",
        "cloudtrail_account_ids": ACCOUNTS,
    },
    "control_tower": {
        "cloudtrail_root": "s3://amzn-s3-demo-bucket/o-a1b2c3d4e5/",
        "cloudtrail_organization_id": "o-a1b2c3d4e5",
        "cloudtrail_account_ids": ACCOUNTS,
    },
}
PARTITIONED = {"cloudtrail_layout": "partitioned"}

PROFILES = """\
cloudtrail_s3:
  target: athena
  outputs:
    athena:
      type: athena
      s3_staging_dir: s3://amzn-s3-demo-results/
      region_name: us-east-1
      database: awsdatacatalog
      schema: cloudtrail_s3
      threads: 1
    duckdb:
      type: duckdb
      path: ":memory:"
      schema: main
"""
PRINT_PREDICATE = """\
{% macro print_partition_predicate(start, end) %}
    {%- do print(
        cloudtrail_s3.cloudtrail_partition_predicate(start, end)
    ) -%}
{% endmacro %}
"""


@dataclass
class Outcome:
    """What one run-operation printed, logged, and the sentence it stopped with."""

    printed: list[str]
    logged: list[str]
    stopped: str | None

    @property
    def statements(self) -> list[str]:
        """The printed statements as Athena gets them, without semicolon."""
        assert self.stopped is None, self.stopped
        return [text.strip().removesuffix(";") for text in self.printed]


class Operations:
    """Runs operations of the project's macros, which are parsed only once."""

    def __init__(self, project: Path) -> None:
        """Parse the project, which has its profiles.yml beside it."""
        self.folders = [
            *("--project-dir", str(project), "--profiles-dir", str(project)),
            *("--target-path", str(project / "target")),
            *("--log-path", str(project / "logs")),
        ]
        parsed = dbtRunner().invoke(["--quiet", "parse", *self.folders])
        assert parsed.success, parsed.exception
        self.manifest = parsed.result

    def run(
        self,
        name: str,
        args: dict[str, Any] | str | None = None,
        variables: dict[str, Any] | None = None,
        target: str = "athena",
    ) -> Outcome:
        """Run one operation with BASE and `variables`; `args` may be YAML."""
        printed: list[str] = []
        logged: list[str] = []
        errors: list[str] = []

        def collect(event: Any) -> None:
            if event.info.name == "PrintEvent":
                printed.append(event.data.msg)
            elif event.info.name == "JinjaLogInfo":
                logged.append(event.data.msg)
            elif event.info.level == "error":
                errors.append(event.info.msg)

        runner = dbtRunner(manifest=self.manifest, callbacks=[collect])
        result = runner.invoke(
            [
                *("--quiet", "run-operation", name, "--target", target),
                *("--args", args if isinstance(args, str) else json.dumps(args or {})),
                *("--vars", json.dumps({**BASE, **(variables or {})})),
                *self.folders,
            ]
        )
        if result.success:
            return Outcome(printed, logged, None)
        text = "\n".join(errors)
        sentence = re.search(r"cloudtrail_s3: (.*)", text)
        assert sentence, f"{name} failed without a sentence: {text}"
        return Outcome(printed, logged, sentence[1])

    def dry_run(
        self,
        name: str,
        variables: dict[str, Any] | None = None,
        **args: Any,
    ) -> Outcome:
        """Run `cloudtrail_<name>` with dry_run."""
        return self.run(f"cloudtrail_{name}", {"dry_run": True, **args}, variables)


@pytest.fixture(scope="module")
def operations(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Operations]:
    """The project's macros alone: the DDL needs no model."""
    project = tmp_path_factory.mktemp("project")
    shutil.copy(ROOT / "dbt_project.yml", project)
    shutil.copytree(ROOT / "macros", project / "macros")
    (project / "macros" / "print_predicate.sql").write_text(PRINT_PREDICATE)
    (project / "profiles.yml").write_text(PROFILES)
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("AWS_")]:
            patch.delenv(name)
        patch.setenv("AWS_ACCESS_KEY_ID", "testing")
        patch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
        patch.setenv("AWS_DEFAULT_REGION", "us-east-1")
        patch.delenv("CLOUDTRAIL_ROOT", raising=False)
        yield Operations(project)


@pytest.fixture(scope="module")
def linter() -> Linter:
    """The parser of sqlfluff's Athena dialect."""
    return Linter(config=FluffConfig(overrides={"dialect": "athena"}))


def unparsable(linter: Linter, statement: str) -> list[str]:
    """What sqlfluff cannot read in `statement`; empty when it reads it all."""
    return [violation.desc() for violation in linter.parse_string(statement).violations]


def check_golden(name: str, statements: list[str]) -> None:
    """Compare with, or under UPDATE_GOLDEN write, the expected text."""
    text = "".join(f"{statement};\n\n" for statement in statements).rstrip("\n") + "\n"
    path = GOLDEN / name
    if os.environ.get("UPDATE_GOLDEN"):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")


def partitions_of(statement: str) -> list[str]:
    """The partition clauses of an ALTER TABLE statement."""
    return re.findall(r"partition \(.*?\)(?:\s+location '.*?')?", statement)


@pytest.mark.parametrize("root", ROOTS)
@pytest.mark.parametrize("serde", SERDES)
@pytest.mark.parametrize("layout", LAYOUTS)
def test_create_table(
    operations: Operations, linter: Linter, layout: str, serde: str, root: str
) -> None:
    variables = {
        **ROOTS[root],
        "cloudtrail_layout": layout,
        "cloudtrail_serde": serde,
    }
    statements = operations.dry_run("create_table", variables, replace=True).statements
    check_golden(f"{root}/{layout}_{serde}.sql", statements)

    assert [statement.split()[0] for statement in statements] == [
        "create",
        "drop",
        "create",
    ]
    for statement in statements:
        [parsed] = sqlglot.parse(statement, dialect="hive")
        assert isinstance(parsed, (expressions.Create, expressions.Drop))
        assert unparsable(linter, statement) == []
        assert "//" not in statement.replace("s3://", "")

    table = sqlglot.parse_one(statements[-1], dialect="hive")
    columns = [column.name for column in table.this.expressions]
    partitioned_by = table.find(expressions.PartitionedByProperty)
    partition_columns = (
        [column.name for column in partitioned_by.this.expressions]
        if partitioned_by
        else []
    )
    assert len(columns) == 30
    assert len({*columns, *partition_columns}) == 30 + len(partition_columns)
    assert (
        partition_columns
        == {
            "unpartitioned": [],
            "projected": ["account", "region", "day"],
            "partitioned": ["account"] * (root != "plain")
            + ["region", "year", "month", "day"],
        }[layout]
    )


@pytest.mark.parametrize("root", ROOTS)
def test_add_partitions(operations: Operations, linter: Linter, root: str) -> None:
    [statement] = operations.dry_run(
        "add_partitions", {**ROOTS[root], **PARTITIONED}, end="2026-05-01"
    ).statements
    check_golden(f"{root}/add_partitions.sql", [statement])
    assert unparsable(linter, statement) == []
    assert "//" not in statement.replace("s3://", "")


@pytest.mark.parametrize("root", ROOTS)
def test_drop_partitions(operations: Operations, linter: Linter, root: str) -> None:
    [statement] = operations.dry_run(
        "drop_partitions",
        {**ROOTS[root], **PARTITIONED, "cloudtrail_retention_days": 8},
    ).statements
    check_golden(f"{root}/drop_partitions.sql", [statement])
    assert isinstance(sqlglot.parse_one(statement, dialect="hive"), expressions.Alter)
    assert unparsable(linter, statement) == []


@pytest.mark.parametrize(
    ("correct", "garbage"),
    [
        ("partition (", "partition garbage ("),
        ("location 's3://", "location s3://"),
        ("add if not exists", "add if exists not"),
        ("'us-east-1',", "'us-east-1'"),
        ("/'\n", "/\n"),
    ],
)
def test_garbage_does_not_parse(
    operations: Operations, linter: Linter, correct: str, garbage: str
) -> None:
    [statement] = operations.dry_run("add_partitions", PARTITIONED).statements
    assert correct in statement
    assert unparsable(linter, statement.replace(correct, garbage, 1)) != []


def test_text_is_escaped(operations: Operations, linter: Linter) -> None:
    root = "s3://amzn-s3-demo-bucket/it's a \\ slash; é"
    variables = {**PARTITIONED, "cloudtrail_root": root}
    create = operations.dry_run("create_table", variables).statements[-1]
    location = sqlglot.parse_one(create, dialect="hive").find(
        expressions.LocationProperty
    )
    assert location.this.this == f"{root}/AWSLogs/111122223333/CloudTrail/"
    [add] = operations.dry_run("add_partitions", variables).statements
    assert unparsable(linter, add) == []
    assert add.count("/it\\'s a \\\\ slash; é/AWSLogs/") == 22


def test_names_are_quoted(operations: Operations) -> None:
    variables = {
        "cloudtrail_source_schema": "security-logs",
        "cloudtrail_source_table": "date",
    }
    database, table = operations.dry_run("create_table", variables).statements
    assert database == "create database if not exists `security-logs`"
    assert table.startswith("create external table `security-logs`.`date` (")


def test_root_may_end_with_awslogs(operations: Operations) -> None:
    assert operations.dry_run(
        "create_table", {"cloudtrail_root": BASE["cloudtrail_root"] + "/AWSLogs/"}
    ) == operations.dry_run("create_table")


def test_repeated_accounts_are_one(operations: Operations) -> None:
    repeated = {**PARTITIONED, "cloudtrail_account_ids": ACCOUNTS[:1] * 2}
    for name in ["create_table", "add_partitions"]:
        assert operations.dry_run(name, repeated) == operations.dry_run(
            name, PARTITIONED
        )


def test_older_serde_tells_what_it_may_not_fill(operations: Operations) -> None:
    outcome = operations.dry_run("create_table", {"cloudtrail_serde": "cloudtrail"})
    assert outcome.logged == [
        "CloudTrailSerde is not known to fill vpcendpointaccountid, eventcategory,"
        " addendum, sessioncredentialfromconsole, edgedevicedetails, tlsdetails,"
        " managementevent; cloudtrail_serde: json reads every column"
    ]
    assert operations.dry_run("create_table").logged == []


def test_unpartitioned_reads_all_accounts(operations: Operations) -> None:
    variables = {
        "cloudtrail_layout": "unpartitioned",
        "cloudtrail_account_ids": [],
        "cloudtrail_regions": [],
        "cloudtrail_start_date": "",
    }
    table = operations.dry_run("create_table", variables).statements[-1]
    assert table.endswith("location 's3://amzn-s3-demo-bucket/logs/AWSLogs/'")


def test_days_of_a_range(operations: Operations) -> None:
    """Both ends count, across a leap day; YAML's own dates are understood."""
    outcome = operations.run(
        "cloudtrail_add_partitions",
        "{start: 2028-02-28, end: 2028-03-01, dry_run: true}",
        {**PARTITIONED, "cloudtrail_regions": ["us-east-1"]},
    )
    assert re.findall(r"/(\d{4}/\d\d/\d\d)/'", outcome.statements[0]) == [
        "2028/02/28",
        "2028/02/29",
        "2028/03/01",
    ]


def test_retention_keeps_today_and_the_days_before(operations: Operations) -> None:
    variables = {**PARTITIONED, "cloudtrail_retention_days": 9}
    [statement] = operations.dry_run("drop_partitions", variables).statements
    assert {"'04'", "'30'"} == set(re.findall(r"(?:month|day) = ('\d\d')", statement))

    variables["cloudtrail_retention_days"] = 10
    assert operations.dry_run("drop_partitions", variables).statements == []

    explicit = operations.dry_run(
        "drop_partitions", PARTITIONED, start="2026-05-02", end="2026-05-03"
    )
    assert len(partitions_of(explicit.statements[0])) == 4


def test_no_partition_is_added_that_the_retention_drops(
    operations: Operations,
) -> None:
    variables = {**PARTITIONED, "cloudtrail_retention_days": 9}
    [dropped] = operations.dry_run("drop_partitions", variables).statements
    [added] = operations.dry_run("add_partitions", variables).statements
    everything = operations.dry_run("add_partitions", PARTITIONED).statements[0]
    assert sorted(days_of(dropped) + days_of(added)) == sorted(days_of(everything))
    asked = operations.dry_run("add_partitions", variables, start="2026-04-30")
    assert days_of(asked.statements[0]) == days_of(everything)


def days_of(statement: str) -> list[tuple[str, str]]:
    """Return month and day of the partitions that a statement names."""
    return re.findall(r"month = '(\d\d)', day = '(\d\d)'", statement)


def test_long_lists_are_split(operations: Operations) -> None:
    """Every statement is as long as Athena lets it be, counted in bytes."""
    regions = [f"us-test-{number}" for number in range(1, 31)]
    variables = {
        **PARTITIONED,
        "cloudtrail_root": "s3://amzn-s3-demo-bucket/" + "é" * 100,
        "cloudtrail_account_ids": ACCOUNTS,
        "cloudtrail_regions": regions,
        "cloudtrail_source_table": "t",
    }
    for name in ["add_partitions", "drop_partitions"]:
        statements = operations.dry_run(
            name, variables, start="2026-01-01", end="2026-02-28"
        ).statements
        batches = [partitions_of(statement) for statement in statements]
        flat = [partition for batch in batches for partition in batch]
        assert len(set(flat)) == len(flat) == 59 * 2 * 30
        assert len(statements) > 1
        for statement, following in zip(statements, [*batches[1:], None], strict=True):
            size = len(statement.encode())
            assert size <= ATHENA_LIMIT
            if following:
                longer = size + len(f",\n    {following[0]}".encode())
                assert longer > ATHENA_LIMIT


def test_split_at_the_very_limit(operations: Operations) -> None:
    """262,144 bytes are one statement, one byte more is two."""
    table, days = "t", 900
    args = {"start": "2026-01-01", "end": str(date(2026, 1, 1) + timedelta(days - 1))}
    variables = {**PARTITIONED, "cloudtrail_regions": ["us-east-1"]}

    def sizes(prefix: str, table: str) -> list[int]:
        outcome = operations.dry_run(
            "add_partitions",
            {
                **variables,
                "cloudtrail_root": f"s3://amzn-s3-demo-bucket/{prefix}",
                "cloudtrail_source_table": table,
            },
            **args,
        )
        return [len(statement.encode()) for statement in outcome.statements]

    [size] = sizes("p", table)
    longer_prefix, longer_table = divmod(ATHENA_LIMIT - size, days)
    prefix = "p" + "p" * longer_prefix
    # The table's name takes up what a longer prefix, which counts once a
    # partition, leaves; the schema's and the table's names take 254 each.
    variables["cloudtrail_source_schema"] = "s" * min(longer_table + 13, 254)
    table = "t" * (longer_table + 14 - len(variables["cloudtrail_source_schema"]))
    assert len(table) < 254
    assert sizes(prefix, table) == [ATHENA_LIMIT]
    assert len(sizes(prefix, table + "t")) == 2


REFUSED = [
    (
        "create_table",
        {"cloudtrail_layout": "hive"},
        (
            "cloudtrail_layout: hive is no layout; use projected, partitioned or"
            " unpartitioned"
        ),
    ),
    (
        "create_table",
        {"cloudtrail_layout": "injected"},
        (
            "cloudtrail_layout: injected partition columns are not offered, every query"
            " without an equality filter on them fails; list the accounts and regions"
        ),
    ),
    (
        "create_table",
        {"cloudtrail_account_ids": ["injected"]},
        (
            "cloudtrail_account_ids: injected partition columns are not offered, every"
            " query without an equality filter on them fails; list the accounts and"
            " regions"
        ),
    ),
    (
        "create_table",
        {"cloudtrail_serde": "openx"},
        "cloudtrail_serde: openx is no SerDe; use json or cloudtrail",
    ),
    (
        "create_table",
        {"cloudtrail_end_date": "2026-04-29"},
        "cloudtrail_end_date 2026-04-29 is before cloudtrail_start_date 2026-04-30",
    ),
    (
        "create_table",
        {"cloudtrail_start_date": ""},
        "cloudtrail_start_date is empty; Athena needs the first day of the logs",
    ),
    (
        "create_table",
        {"cloudtrail_account_ids": ["11112222333"]},
        (
            "cloudtrail_account_ids: 11112222333 is no account id; an account id has 12"
            " digits and is given in quotes"
        ),
    ),
    (
        "create_table",
        {"cloudtrail_regions": ["us-east"], "cloudtrail_layout": "unpartitioned"},
        "cloudtrail_regions: us-east is no region; a region is written like us-east-1",
    ),
    (
        "create_table",
        {"cloudtrail_organization_id": "a1b2c3d4e5"},
        (
            "cloudtrail_organization_id: a1b2c3d4e5 is no organization id; it is"
            " written like o-a1b2c3d4e5"
        ),
    ),
    (
        "create_table",
        {"cloudtrail_root": "/var/logs"},
        (
            "cloudtrail_root: /var/logs is no bucket; Athena needs s3://bucket or"
            " s3://bucket/prefix"
        ),
    ),
    (
        "create_table",
        {"cloudtrail_root": "amzn-s3-demo-bucket/logs"},
        (
            "cloudtrail_root: amzn-s3-demo-bucket/logs is no bucket; Athena needs"
            " s3://bucket or s3://bucket/prefix"
        ),
    ),
    (
        "create_table",
        {"cloudtrail_root": "s3://amzn-s3-demo-bucket/${day}"},
        (
            "cloudtrail_root: s3://amzn-s3-demo-bucket/${day} holds a $ or a control"
            " character, which a table's location cannot"
        ),
    ),
    (
        "create_table",
        {"cloudtrail_root": "s3://amzn-s3-demo-bucket/AWSLogs/111122223333"},
        (
            "cloudtrail_root: s3://amzn-s3-demo-bucket/AWSLogs/111122223333 lies below"
            " AWSLogs; for Athena end it before AWSLogs and name the organization,"
            " accounts and regions by their variables"
        ),
    ),
    (
        "create_table",
        {"cloudtrail_source_table": "events`; drop"},
        (
            "cloudtrail_source_table: events`; drop is no name for Athena; use"
            " lower-case letters, digits, _ and -"
        ),
    ),
    (
        "create_table",
        {"cloudtrail_source_schema": "Logs"},
        (
            "cloudtrail_source_schema: Logs is no name for Athena; use"
            " lower-case letters, digits, _ and -"
        ),
    ),
    (
        "create_table",
        {"cloudtrail_account_ids": []},
        (
            "cloudtrail_account_ids is empty, but a table with the layout projected has"
            " to name each of them; list them, or use the layout unpartitioned"
        ),
    ),
    (
        "create_table",
        {"cloudtrail_regions": []},
        (
            "cloudtrail_regions is empty, but a table with the layout projected has to"
            " name each of them; list them, or use the layout unpartitioned"
        ),
    ),
    (
        "create_table",
        {"cloudtrail_account_ids": [], **PARTITIONED},
        (
            "cloudtrail_account_ids is empty, but a table with the layout partitioned"
            " has to name each of them; list them, or use the layout unpartitioned"
        ),
    ),
    (
        "add_partitions",
        {"cloudtrail_regions": [], **PARTITIONED},
        (
            "cloudtrail_regions is empty, but a table with the layout partitioned has"
            " to name each of them; list them, or use the layout unpartitioned"
        ),
    ),
    (
        "add_partitions",
        {"cloudtrail_layout": "projected"},
        (
            "cloudtrail_layout is projected: such a table has no partitions to add or"
            " drop, only a partitioned one has"
        ),
    ),
    (
        "drop_partitions",
        {"cloudtrail_layout": "unpartitioned"},
        (
            "cloudtrail_layout is unpartitioned: such a table has no partitions to add"
            " or drop, only a partitioned one has"
        ),
    ),
    (
        "drop_partitions",
        PARTITIONED,
        (
            "cloudtrail_retention_days is 0, which keeps every partition; set it, or"
            " give the last day to drop as --args '{end: …}'"
        ),
    ),
]


@pytest.mark.parametrize(("name", "variables", "sentence"), REFUSED)
def test_impossible_settings_are_refused(
    operations: Operations, name: str, variables: dict[str, Any], sentence: str
) -> None:
    outcome = operations.dry_run(name, variables)
    assert outcome.stopped == sentence
    assert outcome.printed == []


@pytest.mark.parametrize("name", ["add_partitions", "drop_partitions"])
@pytest.mark.parametrize(
    ("start", "end", "sentence"),
    [
        (
            "2026-05-02",
            "2026-05-01",
            "the range of days ends on 2026-05-01, before its start 2026-05-02",
        ),
        (
            "2026-02-29",
            "2026-05-01",
            "start: 2026-02-29 is no day; write it as YYYY-MM-DD",
        ),
        ("2026-05-01", "May", "end: May is no day; write it as YYYY-MM-DD"),
    ],
)
def test_impossible_ranges_are_refused(
    operations: Operations, name: str, start: str, end: str, sentence: str
) -> None:
    assert (
        operations.dry_run(name, PARTITIONED, start=start, end=end).stopped == sentence
    )


def test_dry_run_prints_on_any_target(operations: Operations) -> None:
    args = {"dry_run": True}
    printed = operations.run("cloudtrail_create_table", args, target="duckdb")
    assert printed.statements[0] == "create database if not exists `main`"
    live = operations.run("cloudtrail_create_table", target="duckdb")
    assert live.stopped == (
        "the target duckdb is not Athena, where this DDL runs; add --target athena,"
        " or --args '{dry_run: true}' to print it"
    )


def test_live_runs_what_dry_run_prints(operations: Operations) -> None:
    calls = [
        ("create_table", {}),
        ("create_table", {"replace": True}),
        ("add_partitions", {"end": "2026-05-02"}),
        ("drop_partitions", {"end": "2026-04-30"}),
    ]
    with moto.mock_aws():
        boto3.client("s3").create_bucket(Bucket="amzn-s3-demo-results")
        athena = boto3.client("athena")

        def executed() -> set[str]:
            return set(athena.list_query_executions()["QueryExecutionIds"])

        for name, args in calls:
            expected = operations.dry_run(name, PARTITIONED, **args).statements
            before = executed()
            outcome = operations.run(f"cloudtrail_{name}", args, PARTITIONED)
            assert (outcome.stopped, outcome.printed) == (None, [])
            queries = [
                athena.get_query_execution(QueryExecutionId=identifier)[
                    "QueryExecution"
                ]["Query"]
                for identifier in executed() - before
            ]
            # dbt puts its comment before all but ALTER and DROP statements.
            without_comment = [re.sub(r"\A-- .*\n", "", query) for query in queries]
            assert sorted(without_comment) == sorted(expected)


def test_an_existing_table_is_kept(operations: Operations) -> None:
    with moto.mock_aws():
        boto3.client("s3").create_bucket(Bucket="amzn-s3-demo-results")
        glue = boto3.client("glue")
        glue.create_database(DatabaseInput={"Name": "cloudtrail_s3"})
        glue.create_table(
            DatabaseName="cloudtrail_s3",
            TableInput={
                "Name": "cloudtrail_events",
                "TableType": "EXTERNAL_TABLE",
                "StorageDescriptor": {"Columns": []},
            },
        )
        assert operations.run("cloudtrail_create_table").stopped == (
            "the table `cloudtrail_s3`.`cloudtrail_events` is there already; --args"
            " '{replace: true}' drops it, not the log files, and creates it anew"
        )
        replaced = operations.run("cloudtrail_create_table", {"replace": True})
        assert replaced.stopped is None


@pytest.mark.parametrize(
    ("variables", "start", "end", "predicate"),
    [
        (
            {"cloudtrail_account_ids": [], "cloudtrail_regions": []},
            "2026-05-01",
            "2026-05-14",
            "day between '2026/05/01' and '2026/05/14'",
        ),
        (
            {},
            "2026-05-01",
            "2026-05-14",
            (
                "account in ('111122223333') and region in ('us-east-1', 'eu-west-1')"
                " and day between '2026/05/01' and '2026/05/14'"
            ),
        ),
        ({"cloudtrail_layout": "unpartitioned"}, "2026-05-01", "2026-05-14", "true"),
        (
            {**PARTITIONED, "cloudtrail_regions": []},
            "2026-05-01",
            "2026-05-14",
            "((year = '2026' and month = '05' and day between '01' and '14'))",
        ),
        (
            {**PARTITIONED, "cloudtrail_account_ids": ACCOUNTS},
            "2025-11-30",
            "2026-05-14",
            (
                "account in ('111122223333', '444455556666')"
                " and region in ('us-east-1', 'eu-west-1')"
                " and ((year = '2025' and month = '11' and day between '30' and '30')"
                " or (year = '2026' and month = '05' and day between '01' and '14')"
                " or (year = '2025' and month between '12' and '12')"
                " or (year = '2026' and month between '01' and '04'))"
            ),
        ),
    ],
)
def test_partition_predicate(
    operations: Operations,
    variables: dict[str, Any],
    start: str,
    end: str,
    predicate: str,
) -> None:
    args = {"start": start, "end": end}
    outcome = operations.run("print_partition_predicate", args, variables)
    assert outcome.printed == [predicate]


@pytest.mark.parametrize("layout", ["projected", "partitioned"])
@pytest.mark.parametrize(
    ("start", "end"),
    [
        ("2026-05-14", "2026-05-14"),
        ("2026-02-01", "2026-02-28"),
        ("2028-02-01", "2028-02-28"),
        ("2028-01-31", "2028-03-01"),
        ("2025-12-31", "2026-01-01"),
        ("2026-01-01", "2027-12-31"),
        ("2025-06-15", "2028-06-14"),
    ],
)
def test_partition_predicate_holds_for_its_days_only(
    operations: Operations, layout: str, start: str, end: str
) -> None:
    """Literals against columns: exactly the range, and nothing else to prune by."""
    args = {"start": start, "end": end}
    variables = {"cloudtrail_layout": layout}
    [predicate] = operations.run("print_partition_predicate", args, variables).printed
    for node in sqlglot.parse_one(predicate, dialect="trino").walk():
        assert isinstance(
            node,
            (
                *(expressions.And, expressions.Or, expressions.Paren),
                *(expressions.EQ, expressions.In, expressions.Between),
                *(expressions.Column, expressions.Identifier, expressions.Literal),
            ),
        )
    day_form = "%d" if layout == "partitioned" else "%Y/%m/%d"
    [(first, last, days)] = duckdb.sql(
        f"""
        with folders as (
            select
                log_date,
                '111122223333' as account,
                'us-east-1' as region,
                strftime(log_date, '%Y') as year,
                strftime(log_date, '%m') as month,
                strftime(log_date, '{day_form}') as day
            from (
                select cast(unnest(generate_series(
                    date '2024-01-01', date '2030-01-01', interval 1 day
                )) as date) as log_date
            )
        )
        select min(log_date), max(log_date), count(*) from folders where {predicate}
        """
    ).fetchall()
    assert (str(first), str(last)) == (start, end)
    assert days == (last - first).days + 1
