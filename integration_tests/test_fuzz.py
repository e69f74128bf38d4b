"""Logs that are odd in every way, thousands of records a run.

Whatever a record holds, a run ends, all other records are intact, and the odd
one is kept as the rules say or counted. Only what is no JSON in UTF-8 stops a
run, before a table changes. CLOUDTRAIL_THOROUGH=1 draws many more records.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import fuzz
import hostile
import oracle
import pytest
from comparison import SHOWN, assert_tables, differences
from driver import Warehouse
from thorough import IS_THOROUGH

ACCOUNT, REGION = hostile.ACCOUNTS[0], hostile.REGIONS[0]
DAY = date(2024, 2, 28)
SEEDS = range(1, 101) if IS_THOROUGH else range(1, 2)
RECORDS = 5000
FILES = 10

NewWarehouse = Callable[..., Warehouse]


def log_path(number: int, suffix: str = ".json.gz") -> str:
    """Return a log file's path below a root."""
    return "AWSLogs/" + hostile.log_path(ACCOUNT, REGION, DAY, number, suffix)


def envelope(records: Iterable[str]) -> str:
    """Return a file's text; the records are JSON texts."""
    return '{"Records":[' + ",".join(records) + "]}"


# -------------------------------------------------------------- Odd records


def write_records(root: Path, records: Sequence[str]) -> None:
    """Write records into some files of several envelopes each."""
    for number in range(FILES):
        part = records[number::FILES]
        parts = (part[::2], part[1::2]) if number % 2 else (part,)
        suffix = ".json" if number % 3 == 0 else ".json.gz"
        text = "\n".join(envelope(each) for each in parts)
        hostile.write(root / log_path(number, suffix), text)


def smallest(records: list[str], is_wrong: Callable[[list[str]], bool]) -> list[str]:
    """Return few of some records with which something is still wrong."""
    size = len(records) // 2
    while size:
        for start in range(0, len(records), size):
            rest = records[:start] + records[start + size :]
            if rest and is_wrong(rest):
                records = rest
                break
        else:
            size //= 2
        size = min(size, len(records) // 2)
    return records


def test_few_records_are_shown_of_those_that_go_wrong() -> None:
    """What is left is all that it takes, however far apart it stands."""
    records = [str(number) for number in range(1000)]
    asked = []

    def is_wrong(some: list[str]) -> bool:
        asked.append(some)
        return {"3", "777"} <= set(some)

    assert smallest(records, is_wrong) == ["3", "777"]
    assert len(asked) < 100
    assert smallest(["1"], lambda some: True) == ["1"]


@pytest.mark.parametrize("seed", SEEDS)
def test_odd_records(seed: int, tmp_path: Path, new_warehouse: NewWarehouse) -> None:
    """Every table is as the rules say, and everybody can read it."""
    records = list(fuzz.Fuzzer(seed).records(RECORDS))
    places = itertools.count()

    def built(some: Sequence[str]) -> tuple[Warehouse, str, list[str]]:
        root = tmp_path / str(next(places))
        write_records(root, some)
        warehouse = new_warehouse(root)
        run = warehouse.run(
            "--exclude-resource-type", "unit_test", command="build", decisions=True
        )
        if not run.success:
            return warehouse, run.error, []
        return warehouse, "", differences(oracle.tables(root), warehouse)

    warehouse, error, lines = built(records)
    if error or lines:
        few = smallest(records, lambda some: any(built(some)[1:]))
        _, few_error, few_lines = built(few)
        pytest.fail("\n".join([few_error, *few_lines[:SHOWN], *few[:SHOWN]]))
    # It is worth something only if most records are requests, and not all.
    (counted,) = warehouse.query(
        "select sum(s3_record_count) as s3, sum(unplaceable_count) as unplaceable"
        " from main.fct_cloudtrail_log_files"
    )
    assert RECORDS * 0.7 < counted["s3"] < RECORDS
    assert RECORDS * 0.01 < counted["unplaceable"] < RECORDS * 0.2
    shown = warehouse.operation("cloudtrail_summary")
    assert shown.success, shown.error


def test_years_that_are_no_dates_do_not_stop_later_runs(
    tmp_path: Path, new_warehouse: NewWarehouse
) -> None:
    """A time that Python's dates cannot hold is unplaceable, in every run."""
    times = (
        *("0000-01-01T00:00:00Z", "0000-12-31T23:59:59Z", "0001-01-01T00:00:00+01:00"),
        *("9999-12-31T23:59:59-01:00", "9999-12-31T23:59:59Z", "0999-12-31T23:59:59Z"),
        *("1000-01-01T00:00:00+14:00", "2999-12-31T23:59:59-14:00"),
    )
    odd = [hostile.plain_record(eventID=f"id {time}", eventTime=time) for time in times]
    hostile.write(tmp_path / log_path(1), hostile.envelope(odd))
    warehouse = new_warehouse(tmp_path)
    warehouse.load()
    for number in (2, 3):
        late = hostile.plain_record(eventID=f"late {number}", eventTime=times[number])
        plain = hostile.plain_record(eventID=f"plain {number}")
        hostile.write(tmp_path / log_path(number), hostile.envelope([late, plain]))
        warehouse.load()
    warehouse.build()
    assert_tables(oracle.tables(tmp_path), warehouse)
    (counted,) = warehouse.query(
        "select sum(unplaceable_count) as unplaceable, sum(request_count) as requests"
        " from main.fct_cloudtrail_log_files"
    )
    assert counted == {"unplaceable": 8, "requests": 4}


# ------------------------------------------------------------- Deep and huge

DEEP = 50_000
NESTINGS = {
    "arrays": "[" * DEEP + "]" * DEEP,
    "objects": '{"a":' * DEEP + "1" + "}" * DEEP,
    "both": '[{"a":' * DEEP + '"x"' + "}]" * DEEP,
}


def test_deep_nesting(tmp_path: Path, new_warehouse: NewWarehouse) -> None:
    """No depth stops a run, whatever field it is in; its neighbours are intact.

    What the tables must hold is read from the same logs with a word in place of
    each deep value, because Python does not read one.
    """

    def records(deep: dict[str, Any]) -> list[str]:
        drawn = []
        for name, value in deep.items():

            def add(
                place: str, value: Any = value, name: str = name, **odd: Any
            ) -> None:
                record = hostile.plain_record(eventID=f"{name} {place}")
                if odd:
                    record.update(odd)
                else:
                    record[place] = value
                drawn.append(fuzz.dumps(record, escaped=False))
                drawn.append(json.dumps(hostile.plain_record(eventID=f"{len(drawn)}")))

            for place in ("unknown", "responseElements", "serviceEventDetails"):
                add(place)
            for place in ("eventName", "awsRegion", "errorCode", "vpcEndpointId"):
                add(place)
            identity = hostile.IDENTITIES[2]
            add("identity", userIdentity={**identity, "unknown": value})
            add("session", userIdentity={**identity, "sessionContext": {"a": value}})
            add("arn", userIdentity={**identity, "sessionContext": {}, "arn": value})
            add("tls", tlsDetails={"unknown": value, "tlsVersion": "TLSv1.3"})
            entries = hostile.plain_record()["resources"]
            add("entry", resources=[{"unknown": value}, *entries])
            add("addendum", addendum={"reason": "DELIVERY_DELAY", "unknown": value})
            parameters = {"bucketName": "reports", "key": "k", "deep": value}
            add("parameters", requestParameters=parameters)
            add(
                "secret", requestParameters={**parameters, "Signature": "s", "a": value}
            )
            add("hidden", requestParameters={"key": "k", "Signature": value})
            add("extra", additionalEventData={"SignatureVersion": "SigV2", "a": value})
        return drawn

    deep_root, root = tmp_path / "deep", tmp_path / "words"
    words = {name: f"deep {name}" for name in NESTINGS}
    deep = {name: fuzz.Raw(text) for name, text in NESTINGS.items()}
    write_records(deep_root, records(deep))
    write_records(root, records(words))
    warehouse = new_warehouse(deep_root)
    warehouse.load()
    expected = oracle.tables(root)
    for rows in expected.values():
        for row in rows:
            row.pop("size", None)

    def worded(value: Any) -> Any:
        if isinstance(value, str):
            for name, text in NESTINGS.items():
                value = words[name] if value == text else value
                value = value.replace(text, f'"{words[name]}"')
        return value

    read = warehouse.rows
    warehouse.rows = lambda table: [  # type: ignore[method-assign]
        {column: worded(value) for column, value in row.items()} for row in read(table)
    ]
    assert_tables(expected, warehouse)
    assert len(expected["fct_s3_requests"]) == 2 * 3 * 17


def test_huge_texts(tmp_path: Path, new_warehouse: NewWarehouse) -> None:
    """Megabytes in one field are kept whole; a hundred thousand keys are too."""
    huge = "/".join(map(str, range(150_000)))
    fields = (
        *(
            "eventName",
            "userAgent",
            "errorMessage",
            "awsRegion",
            "eventTime",
            "eventID",
        ),
        *("requestParameters", "additionalEventData", "unknown"),
    )
    records = [
        hostile.plain_record(**{"eventID": f"huge {field}", field: huge})
        for field in fields
    ]
    keys = {f"x-amz-{number}": number for number in range(100_000)}
    parameters = {**keys, "bucketName": "reports", "key": huge, huge: "key"}
    records += [
        hostile.plain_record(eventID="keys", requestParameters=parameters),
        hostile.plain_record(
            eventID="secret", requestParameters={**parameters, "Signature": huge}
        ),
        hostile.plain_record(
            eventID="arn", userIdentity={"type": "AssumedRole", "arn": huge}
        ),
        hostile.plain_record(eventID="neighbour"),
    ]
    hostile.write(tmp_path / log_path(1), hostile.envelope(records))
    hostile.write(tmp_path / log_path(2), envelope([json.dumps(records[-1])] * 1))
    warehouse = new_warehouse(tmp_path)
    warehouse.load()
    assert_tables(oracle.tables(tmp_path), warehouse)


# ------------------------------------------------------------- Odd envelopes

ONE, TWO = (json.dumps(hostile.plain_record(eventID=name)) for name in ("one", "two"))
# A file's text, the ids of its requests, and its status in the loads.
ENVELOPES: dict[str, tuple[str, list[str], str]] = {
    "null": ('{"Records":null}', [], "ignored"),
    "number": ('{"Records":5}', [], "ignored"),
    "text": (json.dumps({"Records": f"[{ONE}]"}), [], "ignored"),
    "object": (f'{{"Records":{ONE}}}', [], "ignored"),
    "nested-object": (f'{{"Records":{{"Records":[{ONE}]}}}}', [], "ignored"),
    "nested-list": (f'{{"Records":[[{ONE}]]}}', [], "loaded"),
    "nested-records": (f'{{"Records":[{{"Records":[{ONE}]}}]}}', [], "loaded"),
    "nulls": ('{"Records":[null,null]}', [], "loaded"),
    "lower-case": (f'{{"records":[{ONE}]}}', [], "ignored"),
    "both-cases": (f'{{"records":[{ONE}],"Records":[{TWO}]}}', ["two"], "loaded"),
    "twice": (f'{{"Records":[{ONE}],"Records":[{TWO}]}}', ["one"], "loaded"),
    "twice-first-empty": (f'{{"Records":[],"Records":[{TWO}]}}', [], "empty"),
    "escaped-name": (f'{{"Recor\\u0064s":[{ONE}]}}', ["one"], "loaded"),
    "records-alone": (f"{ONE}\n{TWO}", [], "ignored"),
    "list-of-records": (f"[{ONE},{TWO}]", [], "ignored"),
    "many": (
        f'{{"Records":[{ONE}]}}\n\n{{}} [] "x" {{"Records":[{TWO}]}}',
        ["one", "two"],
        "loaded",
    ),
    "null-then-good": (f'{{"Records":null}}{{"Records":[{TWO}]}}', ["two"], "loaded"),
    "empty-then-other": ('{"Records":[]}{"a":1}', [], "empty"),
    "mark": (f'\ufeff{{"Records":[{ONE}]}}', ["one"], "loaded"),
    "wide": (
        f'{{"Records" \n:\t[\r\n {ONE} , \n\n{TWO}\n]\n}} \n',
        ["one", "two"],
        "loaded",
    ),
    # No JSON to the letter; the parser reads it, nothing is lost.
    "comma-behind": (f'{{"Records":[{ONE},{TWO},],}}', ["one", "two"], "loaded"),
    "not-a-number": (f'{{"Records":[{ONE}],"a":[NaN,-Infinity]}}', ["one"], "loaded"),
}


def test_odd_envelopes(tmp_path: Path, new_warehouse: NewWarehouse) -> None:
    """Of every file that is read, the requests in its lists of Records count."""
    for name, (text, _, _) in ENVELOPES.items():
        # No request is another file's.
        own = text
        for event in ("one", "two"):
            own = own.replace(f'"{event}"', f'"{name} {event}"')
            own = own.replace(f'\\"{event}\\"', f'\\"{name} {event}\\"')
        hostile.write(tmp_path / f"{name}.json", own)
    warehouse = new_warehouse(tmp_path)
    warehouse.build()
    loads = warehouse.rows("fct_cloudtrail_loads")
    assert {row["log_file"]: row["status"] for row in loads} == {
        f"{name}.json": status for name, (_, _, status) in ENVELOPES.items()
    }
    requests = warehouse.rows("fct_s3_requests")
    assert sorted((row["log_file"], row["request_key"]) for row in requests) == sorted(
        (f"{name}.json", f"{name} {event}")
        for name, (_, events, _) in ENVELOPES.items()
        for event in events
    )


# ------------------------------------------------------------------- Traps

# What people write instead of this project. Each test shows that the trap is
# one: without an error, DuckDB's own reading of the same files loses something.


def read_auto(root: Path, select: str, options: str = "") -> list[tuple[Any, ...]]:
    """Ask DuckDB's own reading of all files below a root."""
    with duckdb.connect() as connection:
        return connection.execute(
            f"select {select} from (select unnest(Records) as record from"
            f" read_json_auto('{root}/**/*.json'{options}))"
        ).fetchall()


def test_a_field_that_first_occurs_in_a_late_file(
    tmp_path: Path, new_warehouse: NewWarehouse
) -> None:
    """DuckDB infers the fields from the first 32 files and drops the others."""
    for number in range(40):
        data = {"bytesTransferredOut": 1}
        late: dict[str, Any] = {"eventID": f"{number}", "additionalEventData": data}
        if number == 39:
            data["SignatureVersion"] = "SigV2"  # type: ignore[assignment]
            late["vpcEndpointId"] = "vpce-late"
        text = hostile.envelope([hostile.plain_record(**late)])
        hostile.write(tmp_path / log_path(number, ".json"), text)
    count = "count(*), count(*) filter (contains(cast(record as varchar), '{}'))"
    assert read_auto(tmp_path, count.format("SigV2")) == [(40, 0)]
    assert read_auto(tmp_path, count.format("vpce-late")) == [(40, 0)]
    warehouse = new_warehouse(tmp_path)
    warehouse.load()
    assert_tables(oracle.tables(tmp_path), warehouse)
    (row,) = warehouse.rows("fct_s3_sigv2_requests")
    assert row["request_key"] == "39"


def test_hundreds_of_parameter_names(
    tmp_path: Path, new_warehouse: NewWarehouse
) -> None:
    """From 200 names on DuckDB infers a map, whose texts stand in quotes."""
    records = [
        hostile.plain_record(
            eventID=f"{number}",
            requestParameters={
                "bucketName": "reports",
                "key": f"a/{number}",
                f"x-amz-meta-{number}": ["v"] if number % 2 else {"a": 1},
            },
            resources=...,
        )
        for number in range(400)
    ]
    hostile.write(tmp_path / log_path(1, ".json"), hostile.envelope(records))
    parameters = "record.requestParameters"
    assert read_auto(tmp_path, f"distinct {parameters}.bucketName") == [('"reports"',)]
    found = f"count(*) filter ({parameters}.key like 'a/%')"
    assert read_auto(tmp_path, found) == [(0,)]
    warehouse = new_warehouse(tmp_path)
    warehouse.load()
    assert_tables(oracle.tables(tmp_path), warehouse)
    rows = warehouse.rows("fct_s3_object_access")
    assert {row["bucket_name"] for row in rows} == {"reports"}
    assert len({row["object_key"] for row in rows}) == 400


def test_names_that_occur_twice(tmp_path: Path, new_warehouse: NewWarehouse) -> None:
    """DuckDB stops at them; the way out that it names loses values."""
    texts = [
        json.dumps(hostile.plain_record(eventID=name, resources=...)).replace(
            '"key": "a/b.csv"', keys
        )
        for name, keys in (
            ("upper first", '"Key": "upper", "key": "lower"'),
            ("lower first", '"key": "lower", "Key": "upper"'),
            ("same twice", '"key": "lower", "key": "second"'),
        )
    ]
    hostile.write(tmp_path / log_path(1, ".json"), envelope(texts))
    with pytest.raises(duckdb.Error, match="Duplicate name"):
        read_auto(tmp_path, "count(*)")
    keys = read_auto(
        tmp_path,
        "record.eventID, record.requestParameters.key",
        ", ignore_errors = true",
    )
    assert ("upper first", "lower") not in keys
    warehouse = new_warehouse(tmp_path)
    warehouse.load()
    assert_tables(oracle.tables(tmp_path), warehouse)
    rows = warehouse.rows("fct_s3_requests")
    assert {row["object_key"] for row in rows} == {"lower"}
    assert len(rows) == len(texts)
