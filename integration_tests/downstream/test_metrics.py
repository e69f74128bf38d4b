"""Metrics tell what the tables hold, on both engines, whatever a log says."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import hostile
import pytest
import yaml
from driver import PROJECT, Row, Warehouse, write_profiles
from lake import Lake
from semantic_layer import Refused, SemanticLayer, literal

Answer = dict[tuple[str | None, ...], dict[str, float | None]]

DAY = "metric_time__day"
BUCKET = "s3_bucket"
# What a metric is, said in SQL over the requests and findings themselves, by what
# a day and a bucket are called there.
REQUESTS = "from fct_s3_requests where not is_companion"
FINDINGS = "from fct_s3_findings where true"
COVERAGE = "from fct_s3_coverage_daily where true"
SIGV2 = "signature_version = 'SigV2'"
SUM = "sum(case when {} then 1 else 0 end)"
METRICS = {
    "cloudtrail_s3_requests": ("count(*)", REQUESTS),
    "cloudtrail_s3_sigv2_requests": (SUM.format(SIGV2), REQUESTS),
    "cloudtrail_s3_known_signature_requests": ("count(signature_version)", REQUESTS),
    "cloudtrail_s3_sigv2_share": (
        f"avg(case when {SIGV2} then 1e0 when signature_version <> '' then 0e0 end)",
        REQUESTS,
    ),
    "cloudtrail_s3_sigv2_requesters": (
        f"count(distinct case when {SIGV2} then requester end)",
        REQUESTS,
    ),
    "cloudtrail_s3_anonymous_requests": (SUM.format("is_anonymous"), REQUESTS),
    "cloudtrail_s3_denied_requests": (SUM.format("is_denied"), REQUESTS),
    "cloudtrail_s3_denied_rate": (
        "avg(case when is_denied then 1e0 else 0e0 end)",
        REQUESTS,
    ),
    "cloudtrail_s3_bytes_in": ("sum(cast(bytes_in as double))", REQUESTS),
    "cloudtrail_s3_bytes_out": ("sum(cast(bytes_out as double))", REQUESTS),
    "cloudtrail_s3_open_findings": (
        SUM.format("status in ('open', 'regressed')"),
        FINDINGS,
    ),
    "cloudtrail_s3_covered_days": (
        "count(distinct case when is_complete and not is_gap"
        " and first_data_event_at is not null then event_date end)",
        COVERAGE,
    ),
}
# It is asked for by day alone.
OF_SEVEN_DAYS = "cloudtrail_s3_sigv2_requests_7_days"
ALL_BY_DAY = (
    "--metrics",
    ",".join([*METRICS, OF_SEVEN_DAYS]),
    "--group-by",
    DAY,
)
ALL_BY_BUCKET = ("--metrics", ",".join(METRICS), "--group-by", BUCKET)
DAYS = {REQUESTS: "event_date", COVERAGE: "event_date"}
DAYS[FINDINGS] = "cast(first_seen_at as date)"

SAVED_BY_DAY = ("cloudtrail_s3_daily", "cloudtrail_s3_sigv2_by_day")
# Other saved queries: what they group by there, what they count, and of which rows.
SAVED: dict[str, tuple[dict[str, str], dict[str, str], str]] = {
    "cloudtrail_s3_sigv2_by_requester": (
        {
            "s3_requester": "requester",
            "s3_requester__requester_kind": "requester_kind",
            "s3_request__client_name": "client_name",
            BUCKET: "bucket_name",
        },
        {"cloudtrail_s3_sigv2_requests": "count(*)"},
        "from fct_s3_requests inner join dim_s3_requesters using (requester)"
        f" where not is_companion and {SIGV2}",
    ),
    "cloudtrail_s3_anonymous_by_bucket": (
        {
            DAY: "event_date",
            BUCKET: "bucket_name",
            "s3_request__event_name": "event_name",
        },
        {
            "cloudtrail_s3_anonymous_requests": "count(*)",
            "cloudtrail_s3_denied_requests": SUM.format("is_denied"),
        },
        f"{REQUESTS} and is_anonymous",
    ),
    "cloudtrail_s3_denied_by_requester": (
        {
            "s3_requester": "requester",
            BUCKET: "bucket_name",
            "s3_request__event_name": "event_name",
            "s3_request__error_code": "error_code",
        },
        {"cloudtrail_s3_denied_requests": "count(*)"},
        f"{REQUESTS} and is_denied",
    ),
    "cloudtrail_s3_open_findings_by_rule": (
        {"s3_finding__severity": "severity", "s3_finding__rule_id": "rule_id"},
        {"cloudtrail_s3_open_findings": "count(*)"},
        f"{FINDINGS} and status in ('open', 'regressed')",
    ),
    "cloudtrail_s3_coverage_by_bucket": (
        {BUCKET: "bucket_name", "s3_bucket__is_monitored": "owned.is_monitored"},
        {
            "cloudtrail_s3_covered_days": METRICS["cloudtrail_s3_covered_days"][0],
        },
        "from fct_s3_coverage_daily inner join (select bucket_name, is_monitored"
        " from dim_s3_buckets) as owned using (bucket_name)",
    ),
}


def number(value: Any) -> float | None:
    """Return a number however it came, rounded where engines round apart."""
    return None if value is None else float(f"{Decimal(str(value)):.12g}")


def key(value: Any) -> str | None:
    """Return what a row stands for as text; a day without its time."""
    if isinstance(value, str) and re.fullmatch(r"\d{4}-\d\d-\d\d[ T]00:00:00", value):
        value = value[:10]
    return None if value is None else str(value)


def table(rows: list[Row], *keys: str) -> Answer:
    """Return rows by their keys.

    Rows of one key are one: MetricFlow joins the answers for several metrics, and
    nulls are equal to nothing there.
    """
    answer: Answer = {}
    for row in rows:
        values = answer.setdefault(tuple(key(row[name]) for name in keys), {})
        for name, value in row.items():
            if name not in keys and (value is not None or name not in values):
                assert values.get(name) is None, f"two values of {name}"
                values[name] = number(value)
    return answer


class Tables:
    """The tables of one engine, asked in SQL and for metrics."""

    def __init__(self, layer: SemanticLayer, query: Callable[[str], list[Row]]) -> None:
        """Keep both ways of asking."""
        self.layer = layer
        self.query = query

    def by(self, place: str) -> Answer:
        """Return all metrics by day or by bucket, in SQL."""
        answer: Answer = {}
        for name, (measure, source) in METRICS.items():
            column = DAYS[source] if place == DAY else "bucket_name"
            for row in self.query(
                f"select {column} as place, {measure} as measure {source} group by 1"
            ):
                answer.setdefault((key(row["place"]),), {})[name] = number(
                    row["measure"]
                )
        names = list(METRICS)
        if place == DAY:
            names.append(OF_SEVEN_DAYS)
            self.add_seven_days(answer)
        return {
            place: {name: values.get(name) for name in names}
            for place, values in answer.items()
        }

    def add_seven_days(self, answer: Answer) -> None:
        """Add what seven days had, on each day that the calendar knows."""
        calendar = {
            row["calendar_date"]
            for row in self.query("select calendar_date from int_cloudtrail_days")
        }
        counts = {
            date.fromisoformat(day): values["cloudtrail_s3_sigv2_requests"]
            for (day,), values in answer.items()
            if day and "cloudtrail_s3_sigv2_requests" in values
        }
        for day in calendar | set(counts):
            days = [day - timedelta(back) for back in range(7)]
            found = [counts[one] for one in days if one in counts]
            if found:
                answer.setdefault((str(day),), {})[OF_SEVEN_DAYS] = sum(found)


def tables_of(warehouse: Warehouse, folder: Path) -> Tables:
    """Return the tables of a DuckDB database; the folder is empty."""
    layer = SemanticLayer(
        folder / "duckdb",
        warehouse.project.manifest,
        warehouse.project.folder,
        "duckdb",
        {"CLOUDTRAIL_DUCKDB_PATH": str(warehouse.path)},
    )
    return Tables(layer, warehouse.query)


@pytest.fixture(scope="module")
def on_duckdb(warehouse: Warehouse, tmp_path_factory: pytest.TempPathFactory) -> Tables:
    """Return the tables of the sample logs on DuckDB."""
    return tables_of(warehouse, tmp_path_factory.mktemp("metrics"))


@pytest.fixture(scope="module")
def on_athena(athena_marts: Lake, tmp_path_factory: pytest.TempPathFactory) -> Tables:
    """Return them on the local Athena."""
    layer = SemanticLayer(
        tmp_path_factory.mktemp("metrics") / "athena",
        athena_marts.manifest,
        athena_marts.folder,
        "athena",
        athena_marts.environment,
    )
    return Tables(layer, athena_marts.query)


@pytest.fixture(scope="module", params=["on_duckdb", "on_athena"])
def tables(request: pytest.FixtureRequest) -> Iterator[Tables]:
    """Return the tables of each engine."""
    return request.getfixturevalue(request.param)


def test_the_warehouse_accepts_what_is_configured(tables: Tables) -> None:
    """Every table, column and expression is there; what is not there is refused."""
    assert tables.layer.validate() == []


def test_every_metric_is_what_the_tables_hold(
    tables: Tables, warehouse: Warehouse
) -> None:
    assert {*METRICS, OF_SEVEN_DAYS} == {
        metric.name for metric in warehouse.project.manifest.metrics.values()
    }
    by_day = tables.layer.query(*ALL_BY_DAY)
    assert len(by_day) > 10
    assert table(by_day, DAY) == tables.by(DAY)
    by_bucket = tables.layer.query(*ALL_BY_BUCKET)
    assert len(by_bucket) > 10
    assert table(by_bucket, BUCKET) == tables.by(BUCKET)


def test_saved_queries_are_what_the_tables_hold(
    tables: Tables, warehouse: Warehouse
) -> None:
    saved = {
        query.name: query for query in warehouse.project.manifest.saved_queries.values()
    }
    assert set(saved) == {*SAVED, *SAVED_BY_DAY}
    for name in SAVED_BY_DAY:
        rows = tables.layer.query("--saved-query", name)
        wanted = saved[name].query_params.metrics
        expected: Answer = {
            place: {metric: values[metric] for metric in wanted}
            for place, values in tables.by(DAY).items()
            if any(values[metric] is not None for metric in wanted)
        }
        assert table(rows, DAY) == expected, name
    for name, (keys, measures, source) in SAVED.items():
        selected = {**keys, **measures}
        columns = ", ".join(f"{sql} as {column}" for column, sql in selected.items())
        groups = ", ".join(str(place + 1) for place in range(len(keys)))
        expected = table(
            tables.query(f"select {columns} {source} group by {groups}"), *keys
        )
        assert expected, name
        assert table(tables.layer.query("--saved-query", name), *keys) == expected


FILTERS = [
    # What the filter says of a bucket, of a requester, of the requests.
    (
        "{{ Dimension('s3_bucket__bucket_account_id') }} = '111122223333'",
        "bucket_name in (select bucket_name from dim_s3_buckets"
        " where bucket_account_id = '111122223333')",
    ),
    (
        "{{ Dimension('s3_requester__requester_kind') }} in ('role', 'user')"
        " and not {{ Dimension('s3_request__is_denied') }}",
        "not is_denied and requester in (select requester from dim_s3_requesters"
        " where requester_kind in ('role', 'user'))",
    ),
    (
        "{{ TimeDimension('metric_time', 'day') }} >= date '2026-05-05'"
        " and {{ Dimension('s3_request__aws_region') }} = 'eu-central-1'",
        "event_date >= date '2026-05-05' and aws_region = 'eu-central-1'",
    ),
]


@pytest.mark.parametrize(
    ("said", "meant"), FILTERS, ids=["bucket", "requester", "request"]
)
def test_filters_leave_out_what_they_say(tables: Tables, said: str, meant: str) -> None:
    names = ["cloudtrail_s3_requests", "cloudtrail_s3_sigv2_requests"]
    rows = tables.layer.query(
        "--metrics", ",".join(names), "--group-by", BUCKET, "--where", said
    )
    columns = ", ".join(f"{METRICS[name][0]} as {name}" for name in names)
    expected = tables.query(
        f"select bucket_name as s3_bucket, {columns} {REQUESTS} and {meant} group by 1"
    )
    assert expected
    assert table(rows, BUCKET) == table(expected, BUCKET)


def test_a_period_has_both_its_ends(tables: Tables) -> None:
    rows = tables.layer.query(
        "--metrics",
        "cloudtrail_s3_requests",
        "--start-time",
        "2026-05-05",
        "--end-time",
        "2026-05-07",
    )
    (row,) = tables.query(
        f"select count(*) as requests {REQUESTS}"
        " and event_date between date '2026-05-05' and date '2026-05-07'"
    )
    assert number(rows[0]["cloudtrail_s3_requests"]) == row["requests"]


def test_slices_hold_as_many_requests_as_metrics_say(tables: Tables) -> None:
    slices = {
        "cloudtrail_s3_sigv2_requests": "fct_s3_sigv2_requests where not is_companion",
        "cloudtrail_s3_anonymous_requests": "fct_s3_anonymous_access",
    }
    (told,) = tables.layer.query("--metrics", ",".join(slices))
    for name, mart in slices.items():
        (row,) = tables.query(f"select count(*) as n from {mart}")
        assert number(told[name]) == row["n"] > 0, name


def test_both_engines_answer_alike(on_duckdb: Tables, on_athena: Tables) -> None:
    questions = [("--saved-query", name) for name in (*SAVED, *SAVED_BY_DAY)]
    questions += [ALL_BY_DAY, ALL_BY_BUCKET]
    for question in questions:
        rows = on_duckdb.layer.query(*question)
        keys = [name for name in rows[0] if not name.startswith("cloudtrail_s3_")]
        theirs = on_athena.layer.query(*question)
        assert table(rows, *keys) == table(theirs, *keys), question


# What a log says is data


@pytest.fixture(scope="module")
def odd(
    new_warehouse: Callable[..., Warehouse],
    tmp_path_factory: pytest.TempPathFactory,
) -> Tables:
    """Return tables of logs whose buckets and clients have odd names."""
    root = tmp_path_factory.mktemp("odd")
    # Before Python 3.11 no reader of CSV takes a NUL.
    names = [name for name in hostile.STRINGS if "\0" not in name]
    records = [
        hostile.plain_record(
            eventID=f"{number}",
            requestParameters={"bucketName": name, "key": name},
            resources=[],
            errorCode=name,
        )
        for number, name in enumerate(names)
    ]
    hostile.write(root / "a.json", hostile.envelope(records))
    warehouse = new_warehouse(root)
    warehouse.load(decisions=True)
    return tables_of(warehouse, tmp_path_factory.mktemp("metrics"))


def test_names_are_data_in_groups_and_filters(odd: Tables) -> None:
    names = {
        row["bucket_name"]: row["n"]
        for row in odd.query(f"select bucket_name, count(*) as n {REQUESTS} group by 1")
    }
    assert len(names) > 20
    assert any("'" in name for name in names) and any("{" in name for name in names)
    rows = odd.layer.query("--metrics", "cloudtrail_s3_requests", "--group-by", BUCKET)
    found = {row[BUCKET]: number(row["cloudtrail_s3_requests"]) for row in rows}
    assert found == names
    for name, count in names.items():
        rows = odd.layer.query(
            "--metrics",
            "cloudtrail_s3_requests",
            "--group-by",
            f"{BUCKET},s3_request__error_code",
            "--where",
            f"{{{{ Entity('s3_bucket') }}}} = {literal(name)}",
        )
        assert [row[BUCKET] for row in rows] == [name]
        assert number(rows[0]["cloudtrail_s3_requests"]) == count


def test_a_name_in_a_filter_is_no_sql_on_athena(on_athena: Tables) -> None:
    for name in hostile.STRINGS:
        if "\0" in name:
            continue
        rows = on_athena.layer.query(
            "--metrics",
            "cloudtrail_s3_requests",
            "--where",
            f"{{{{ Entity('s3_bucket') }}}} = {literal(name)}",
        )
        assert [row["cloudtrail_s3_requests"] for row in rows] in ([], [None]), name


def test_tables_that_are_not_there_are_named(
    warehouse: Warehouse, tmp_path: Path
) -> None:
    layer = SemanticLayer(
        tmp_path / "layer",
        warehouse.project.manifest,
        warehouse.project.folder,
        "duckdb",
        {"CLOUDTRAIL_DUCKDB_PATH": str(tmp_path / warehouse.path.name)},
    )
    with pytest.raises(Refused, match="fct_s3_activity_daily"):
        layer.run("query", "--metrics", "cloudtrail_s3_requests")


def test_the_commands_of_the_guide_work_in_another_project(
    warehouse: Warehouse, tmp_path: Path
) -> None:
    """That installs this one, and has these tables."""
    text = (PROJECT / "docs" / "metrics.md").read_text("utf-8")
    block = re.search(r"```sh\n(dbt deps\n.*?)```", text, re.DOTALL)
    assert block
    write_profiles(tmp_path)
    for name, content in {
        "dbt_project.yml": {"name": "consumer", "profile": "cloudtrail_s3"},
        "packages.yml": {"packages": [{"local": str(PROJECT)}]},
    }.items():
        (tmp_path / name).write_text(yaml.safe_dump(content), "utf-8")
    programs = Path(sys.executable).parent
    printed = []
    for line in block[1].replace("\\\n", "").splitlines():
        done = subprocess.run(
            [programs / shlex.split(line)[0], *shlex.split(line)[1:]],
            cwd=tmp_path,
            env={
                **os.environ,
                "CLOUDTRAIL_DUCKDB_PATH": str(warehouse.path),
                "DBT_PROFILES_DIR": str(tmp_path),
            },
            check=False,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, f"{line}: {done.stdout}{done.stderr}"
        printed.append(done.stdout)
    (row,) = warehouse.query(
        "select requester, sum(request_count) as n from fct_s3_sigv2_burn_down"
        " group by 1 order by 2 desc limit 1"
    )
    assert row["requester"] in "".join(printed)
