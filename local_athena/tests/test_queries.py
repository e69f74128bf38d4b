"""Queries live as Athena's API describes; a stand-in takes the engine's place."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest

from local_athena.catalog import Catalog
from local_athena.queries import Queries, Query, Refused
from local_athena.trino_engine import QueryFailed, Result

OUTPUT = "s3://results/here/"


class Engine:
    """Answers every statement alike, or waits to be cancelled."""

    def __init__(self) -> None:
        """Answer with two rows."""
        self.statements: list[str] = []
        self.result = Result([("a", "integer"), ("b", "varchar")], [[1, "x"]], 7, None)
        self.waits = False
        # Cancelling has no effect so many times.
        self.deaf = 0

    def run(
        self,
        statement: str,
        schema: str | None,
        started: Callable[[Callable[[], None]], None] = lambda cancel: None,
    ) -> Result:
        """Answer."""
        self.statements.append(statement)
        if not self.waits:
            return self.result
        cancelled = threading.Event()

        def cancel() -> None:
            if self.deaf:
                self.deaf -= 1
            else:
                cancelled.set()

        started(cancel)
        cancelled.wait(30)
        raise QueryFailed("USER_CANCELED: Query was canceled")


@pytest.fixture
def engine() -> Engine:
    """Return an engine."""
    return Engine()


@pytest.fixture
def queries(engine: Any, glue: Any, s3: Any) -> Queries:
    """Return the queries of a region with a bucket for their results."""
    s3.create_bucket(Bucket="results")
    s3.create_bucket(Bucket="enforced")
    return Queries(engine, Catalog(glue, s3), s3)


def workgroup(
    enforced: bool = False, place: str = "", cutoff: int | None = None
) -> dict[str, Any]:
    """Return a workgroup as moto describes it."""
    configuration: dict[str, Any] = {"EnforceWorkGroupConfiguration": enforced}
    if place:
        configuration["ResultConfiguration"] = {"OutputLocation": place}
    if cutoff is not None:
        configuration["BytesScannedCutoffPerQuery"] = cutoff
    return {"Name": "w", "Configuration": configuration}


def run(
    queries: Queries,
    text: str = "select 1",
    group: dict[str, Any] | None = None,
    output: str = OUTPUT,
) -> Query:
    """Run a query to its end."""
    query = queries.all[queries.start(text, "d", group or workgroup(), output)]
    assert query.over.wait(30)
    return query


def test_a_query_that_succeeds(queries: Queries, s3: Any) -> None:
    query = run(queries, "/* it */ select 1;")
    told = query.description()
    assert told["Status"]["State"] == "SUCCEEDED"
    assert told["Query"] == "/* it */ select 1;"
    assert told["Statistics"]["DataScannedInBytes"] == 7
    place = told["ResultConfiguration"]["OutputLocation"]
    assert place == f"{OUTPUT}{query.id}.csv"
    written = s3.get_object(Bucket="results", Key=f"here/{query.id}.csv")["Body"]
    assert written.read() == b'"a","b"\n"1","x"\n'


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("select 1", "DML"),
        ("create database e", "DDL"),
        ("drop view v", "DDL"),
        ("show tables", "UTILITY"),
    ],
)
def test_the_type_of_a_statement(queries: Queries, text: str, kind: str) -> None:
    assert run(queries, text).description()["StatementType"] == kind


def test_a_query_that_fails(queries: Queries) -> None:
    status = run(queries, "create database e location 'e'").description()["Status"]
    assert status["State"] == "FAILED"
    assert status["StateChangeReason"].startswith("FAILED: ParseException")
    assert status["AthenaError"]["ErrorMessage"] == status["StateChangeReason"]


def test_a_failure_that_was_asked_for(queries: Queries) -> None:
    queries.failures.append("SELECT 2")
    states = [run(queries, f"select {n}").state for n in (1, 2, 2)]
    assert states == ["SUCCEEDED", "FAILED", "SUCCEEDED"]


@pytest.mark.parametrize(
    ("text", "output", "reason"),
    [
        ("select 1; select 2", OUTPUT, "Only one sql statement"),
        ("selec 1", OUTPUT, "mismatched input"),
        ("select 1", "", "No output location provided"),
        ("select 1", "results/", "not a valid S3 path"),
    ],
)
def test_a_request_that_is_refused(
    queries: Queries, text: str, output: str, reason: str
) -> None:
    with pytest.raises(Refused, match=reason):
        queries.start(text, "d", workgroup(), output)
    assert queries.all == {}


@pytest.mark.parametrize(
    ("group", "output", "place"),
    [
        (workgroup(place="s3://enforced"), "", "s3://enforced/"),
        (workgroup(place="s3://enforced"), OUTPUT, OUTPUT),
        (workgroup(enforced=True, place="s3://enforced"), OUTPUT, "s3://enforced/"),
        (workgroup(enforced=True), OUTPUT, OUTPUT),
    ],
)
def test_where_the_result_goes(
    queries: Queries, group: dict[str, Any], output: str, place: str
) -> None:
    assert run(queries, group=group, output=output).output == place


TABLE_AS = "create table t with (external_location = '{}') as select 1 as a"


def test_where_a_new_table_goes(queries: Queries, engine: Engine) -> None:
    run(queries, TABLE_AS.format("s3://results/t"))
    query = run(queries, "create table u as select 1 as a")
    places = [f"{OUTPUT}tables/{query.id}/", "s3://results/t/"]
    for statement in engine.statements:
        assert f"external_location = '{places.pop()}'" in statement


@pytest.mark.parametrize(
    ("place", "group", "reason"),
    [
        ("s3://results/full", workgroup(), "HIVE_PATH_ALREADY_EXISTS"),
        ("results/t", workgroup(), "no S3 location"),
        ("s3://results/t", workgroup(enforced=True), "enforces a centralized output"),
    ],
)
def test_a_new_table_that_is_refused(
    queries: Queries,
    engine: Engine,
    s3: Any,
    place: str,
    group: dict[str, Any],
    reason: str,
) -> None:
    s3.put_object(Bucket="results", Key="full/object", Body=b"")
    query = run(queries, TABLE_AS.format(place), group)
    assert query.state == "FAILED"
    assert reason in (query.reason or "")
    assert engine.statements == []


@pytest.mark.parametrize("change", ["delete from t", "update t set a = 1"])
def test_rows_of_hive_tables_do_not_change(
    queries: Queries, engine: Engine, change: str
) -> None:
    query = run(queries, change)
    assert query.state == "FAILED"
    assert "only supported for Iceberg tables" in (query.reason or "")
    assert engine.statements == []


def test_the_limit_of_scanned_bytes(queries: Queries) -> None:
    states = [run(queries, group=workgroup(cutoff=limit)) for limit in (7, 6)]
    assert [query.state for query in states] == ["SUCCEEDED", "CANCELLED"]
    assert states[1].reason == "Bytes scanned limit was exceeded by the query"


@pytest.mark.parametrize("deaf", [0, 3])
def test_a_query_is_stopped(queries: Queries, engine: Engine, deaf: int) -> None:
    engine.waits, engine.deaf = True, deaf
    query = queries.all[queries.start("select 1", "d", workgroup(), OUTPUT)]
    queries.stop(query.id)
    assert (query.state, query.reason) == ("CANCELLED", "Query cancelled by user")
    assert query.over.wait(30), "the engine goes on"
    assert query.state == "CANCELLED"


def test_a_query_that_has_ended_is_not_stopped(queries: Queries) -> None:
    query = run(queries)
    queries.stop(query.id)
    assert query.state == "SUCCEEDED"
