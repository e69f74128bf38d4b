"""The S3 guide's questions, over the raw records and over the marts.

Both sides of every pair run on the sample logs. A raw row stands for one delivered
copy of a request, a mart's for the request itself, so raw rows are reduced to the
key of their request first. What then still differs is named and counted here.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import datetime
from typing import Any

import pytest
from driver import Row, Run, Warehouse

Answers = dict[str, list[Row]]

# The pairs that list requests: how many rows and requests each side has, and why a
# request is found on one side alone.
FOUND = {
    "02_sigv2_events": {
        "raw rows": 326,
        "raw requests": 326,
        "mart requests": 327,
        "mart alone: signature spelled otherwise": 1,
    },
    "05_put_requests": {
        "raw rows": 447,
        "raw requests": 447,
        "mart requests": 447,
    },
    "06_get_requests": {
        "raw rows": 1301,
        "raw requests": 1194,
        "mart requests": 1181,
        "raw alone: of another service": 4,
        "raw alone: network activity": 1,
        "raw alone: no usable time": 8,
        "raw alone: no event id": 1,
        "mart alone: named by the event that it updates": 1,
    },
    "07_anonymous_access": {
        "raw rows": 381,
        "raw requests": 381,
        "mart requests": 387,
        "raw alone: preflight": 2,
        "mart alone: another form of anonymous": 8,
    },
}

# For requests that both sides find: in how many another value stands in a column of
# the mart. The agent has lost S3's brackets, the time is UTC, the bucket is not the
# access point's name, and bucket and key are those of the resources if the
# parameters lack them or spell them otherwise.
VALUES = {
    "02_sigv2_events": {"user_agent": 171},
    "05_put_requests": {"user_agent": 268, "object_key": 2},
    "06_get_requests": {
        "user_agent": 928,
        "event_at": 9,
        "bucket_name": 6,
        "object_key": 5,
    },
    "07_anonymous_access": {"user_agent": 379},
}

# The raw column, by its names in the guide, that a mart's column stands for.
COLUMNS = {
    "event_at": ("eventtime",),
    "event_name": ("eventname", "s3_action"),
    "event_source": ("eventsource",),
    "aws_region": ("aws_region",),
    "source_ip_address": ("sourceipaddress", "source_ip"),
    "user_agent": ("useragent", "user_agent"),
    "user_arn": ("userarn",),
    "bucket_name": ("bucketname",),
    "object_key": ("objectkey",),
    "request_parameters": ("request_parameters",),
}

S3_SERVICES = ("s3", "s3express", "s3-outposts", "s3-object-lambda")
S3_SOURCES = {
    f"{service}.amazonaws.com{country}"
    for service in S3_SERVICES
    for country in ("", ".cn")
}
DAY = "2026-05-06"
SIDES = ("raw", "marts")


def compile_analyses(warehouse: Warehouse, **variables: str) -> Run:
    """Compile all analyses with the variables analysis_start, _end and _bucket."""
    return warehouse.project.invoke(
        "compile",
        "--select",
        "path:analyses",
        database=warehouse.path,
        variables={f"analysis_{name}": value for name, value in variables.items()},
    )


def answer(warehouse: Warehouse, **variables: str) -> Answers:
    """Return the rows of every analysis by its name without `cloudtrail_`."""
    run = compile_analyses(warehouse, **variables)
    assert run.success, run.error
    compiled = warehouse.project.folder / "target/compiled/cloudtrail_s3/analyses"
    return {
        path.stem.removeprefix("cloudtrail_"): warehouse.query(path.read_text("utf-8"))
        for path in sorted(compiled.rglob("*.sql"))
    }


@pytest.fixture(scope="module")
def answers(samples: Warehouse) -> Answers:
    """Return the rows of every analysis over all days and buckets."""
    return answer(samples)


@pytest.fixture(scope="module")
def records(samples: Warehouse) -> list[Row]:
    """Return what tells a record's request, and why one side alone finds it."""
    return samples.query(
        """
        select
            eventid,
            sharedeventid,
            case when addendum.reason = 'UPDATED_DATA'
                then addendum.originaleventid end as originaleventid,
            eventsource,
            eventname,
            eventcategory,
            additionaleventdata ->> '$.SignatureVersion' as signature
        from stg_cloudtrail__events
        """
    )


def keyed(rows: list[Row], records: list[Row]) -> dict[str | None, list[Row]]:
    """Return raw rows by the key of their request, None where they name none."""
    updated = {
        record["eventid"]: record["originaleventid"]
        for record in records
        if record["eventid"]
    }
    groups = defaultdict(list)
    for row in rows:
        names = row["sharedeventid"], updated.get(row["eventid"]), row["eventid"]
        groups[next(filter(None, names), None)].append(row)
    return groups


def only_raw(record: Row) -> str:
    """Tell why the marts do not have the request of a raw record."""
    if not record["eventid"]:
        return "no event id"
    if record["eventsource"] not in S3_SOURCES:
        return "of another service"
    if record["eventcategory"] == "NetworkActivity":
        return "network activity"
    if record["eventname"] == "PreflightRequest":
        return "preflight"
    return "no usable time"


def only_mart(record: Row, question: str) -> str:
    """Tell why the guide's question does not find the request of a raw record."""
    if not record["eventid"]:
        return "named by the event that it updates"
    if question == "02_sigv2_events":
        return "signature spelled otherwise"
    return "another form of anonymous"


def shown(value: Any) -> Any:
    """Return a mart's value as CloudTrail writes it."""
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%dT%H:%M:%SZ")
    return value


@pytest.mark.parametrize("question", FOUND)
def test_both_sides_find_the_same_requests(
    question: str, answers: Answers, records: list[Row]
) -> None:
    raw = keyed(answers[f"raw_{question}"], records)
    mart = {row["request_key"] for row in answers[f"marts_{question}"]}
    by_key = keyed(records, records)
    # The record that only names the event it updates stands without a key.
    by_key |= {
        record["originaleventid"]: [record]
        for record in records
        if record["originaleventid"] and not record["eventid"]
    }
    found = Counter(
        {
            "raw rows": sum(map(len, raw.values())),
            "raw requests": len(raw),
            "mart requests": len(mart),
        }
    )
    for key in raw.keys() - mart:
        found[f"raw alone: {only_raw(by_key[key][0])}"] += 1
    for key in mart - raw.keys():
        found[f"mart alone: {only_mart(by_key[key][0], question)}"] += 1
    assert found == FOUND[question]


@pytest.mark.parametrize("question", VALUES)
def test_both_sides_show_the_same_values(
    question: str, answers: Answers, records: list[Row]
) -> None:
    raw = keyed(answers[f"raw_{question}"], records)
    differing = Counter()
    for row in answers[f"marts_{question}"]:
        copies = raw.get(row["request_key"], [])
        for column, names in COLUMNS.items():
            values = [
                copy[name] or None for copy in copies for name in names if name in copy
            ]
            if column in row and values:
                differing[column] += shown(row[column]) not in values
    assert +differing == VALUES[question]


def test_first_rows_are_the_same_but_for_a_record_without_a_time(
    answers: Answers, records: list[Row]
) -> None:
    raw = answers["raw_01_first_rows"]
    mart = [row["request_key"] for row in answers["marts_01_first_rows"]]
    without_time = [row for row in raw if not row["eventtime"]]
    with_time = [row for row in raw if row["eventtime"]]
    assert (len(without_time), len(with_time), len(mart)) == (1, 9, 10)
    assert list(keyed(with_time, records)) == mart[:9]


def test_requesters_are_roles_in_the_mart_and_sessions_in_the_records(
    answers: Answers, records: list[Row]
) -> None:
    raw = answers["raw_03_sigv2_requesters"]
    mart = answers["marts_03_sigv2_requesters"]
    requester_of = {
        row["request_key"]: row["requester"] for row in answers["marts_02_sigv2_events"]
    }
    arns, requests, sessions = Counter(), Counter(), defaultdict(set)
    for key, copies in keyed(answers["raw_02_sigv2_events"], records).items():
        requests[requester_of[key]] += 1
        for copy in copies:
            arns[copy["userarn"]] += 1
            sessions[requester_of[key]].add(copy["userarn"])

    assert {row["userarn"]: row["requestcount"] for row in raw} == arns
    more = Counter({row["requester"]: row["request_count"] for row in mart}) - requests
    assert {
        "raw rows": len(raw),
        "mart rows": len(mart),
        "raw rows without an arn": sum(row["userarn"] is None for row in raw),
        "roles with sessions": sum(
            requester not in names for requester, names in sessions.items()
        ),
        "most sessions of a role": max(map(len, sessions.values())),
        "requests spelled otherwise": more.total(),
    } == {
        "raw rows": 104,
        "mart rows": 41,
        "raw rows without an arn": 1,
        "roles with sessions": 7,
        "most sessions of a role": 65,
        "requests spelled otherwise": 1,
    }


def test_a_day_of_requesters_differs_by_sessions_and_spelling(
    samples: Warehouse,
) -> None:
    answers = answer(samples, start=DAY, end=DAY)
    raw = answers["raw_04_sigv2_requesters_of_a_day"]
    mart = answers["marts_04_sigv2_requesters_of_a_day"]
    assert {
        "raw rows": len(raw),
        "raw requests": sum(row["requestcount"] for row in raw),
        "mart rows": len(mart),
        "mart requests": sum(row["request_count"] for row in mart),
    } == {"raw rows": 15, "raw requests": 43, "mart rows": 12, "mart requests": 44}


def test_unexpected_access_counts_the_puts_and_gets_of_both_sides(
    answers: Answers,
) -> None:
    for side, bucket, requester, address, count in (
        ("raw", "bucketname", "userarn", "sourceipaddress", "requestcount"),
        ("marts", "bucket_name", "requester", "source_ip_address", "request_count"),
    ):
        listed = Counter(
            (row[bucket], row[requester], row[address])
            for question in ("05_put_requests", "06_get_requests")
            for row in answers[f"{side}_{question}"]
        )
        counted = {
            (row[bucket], row[requester], row[address]): row[count]
            for row in answers[f"{side}_08_unexpected_access"]
        }
        assert counted == listed
    rows = {side: len(answers[f"{side}_08_unexpected_access"]) for side in SIDES}
    assert rows == {"raw": 758, "marts": 393}


def test_unexpected_access_of_a_range_is_what_was_not_seen_before(
    samples: Warehouse, answers: Answers
) -> None:
    everything = answers["marts_08_unexpected_access"]
    of_the_day = answer(samples, start=DAY, end=DAY)["marts_08_unexpected_access"]
    assert 0 < len(of_the_day) < len(everything)
    assert of_the_day == [
        row for row in everything if str(row["first_seen_at"].date()) == DAY
    ]


def test_the_range_takes_in_both_its_days(samples: Warehouse, answers: Answers) -> None:
    first, last = "2026-05-06", "2026-05-07"
    of_the_range = answer(samples, start=first, end=last)
    for name, time in (
        ("raw_06_get_requests", "eventtime"),
        ("marts_06_get_requests", "event_at"),
    ):
        assert of_the_range[name] == [
            row for row in answers[name] if first <= str(row[time])[:10] <= last
        ]
        days = {str(row[time])[:10] for row in of_the_range[name]}
        assert days == {first, last}


def test_the_bucket_is_the_only_one(samples: Warehouse, answers: Answers) -> None:
    bucket = "harbor-website"
    of_the_bucket = answer(samples, bucket=bucket)
    for name, column in (
        ("raw_07_anonymous_access", "bucketname"),
        ("marts_07_anonymous_access", "bucket_name"),
    ):
        expected = [row for row in answers[name] if row[column] == bucket]
        assert of_the_bucket[name] == expected
        assert 0 < len(expected) < len(answers[name])


@pytest.mark.parametrize(
    ("variables", "sentence"),
    [
        ({"start": "yesterday"}, "analysis_start: yesterday is no day"),
        ({"end": "2026-02-30"}, "analysis_end: 2026-02-30 is no day"),
        ({"start": "' or ''='"}, "analysis_start: ' or ''=' is no day"),
        (
            {"start": "2026-05-02", "end": "2026-05-01"},
            "analysis_end 2026-05-01 is before analysis_start 2026-05-02",
        ),
        ({"bucket": "b"}, "analysis_bucket: b is no bucket name"),
        ({"bucket": "' or ''='"}, "analysis_bucket: ' or ''=' is no bucket name"),
        ({"bucket": "a line\n"}, "analysis_bucket: a line"),
    ],
)
def test_a_bad_variable_never_reaches_sql(
    samples: Warehouse, variables: dict[str, str], sentence: str
) -> None:
    run = compile_analyses(samples, **variables)
    assert not run.success
    assert f"cloudtrail_s3: {sentence}" in run.error
