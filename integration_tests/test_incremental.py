"""The tables depend on the files seen, not on when or in which order.

Every test copies files into a root step by step, runs dbt after every step,
and compares the tables at the end with the reference, which reads all files
at once.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import hostile
import oracle
import pytest
from comparison import assert_tables
from driver import Warehouse
from february import (
    OTHER_ACCOUNT,
    OTHERS,
    OWNER,
    chunks,
    copy_files,
    days_of,
    event,
    log,
)
from thorough import only_thorough


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder of hostile logs that the tests copy from."""
    root = tmp_path_factory.mktemp("archive")
    hostile.write_logs(root, 11, records=120)
    return root


def load_steps(
    archive: Path, root: Path, steps: list[list[str]], warehouse: Warehouse
) -> None:
    """Copy and load one step after the other."""
    root.mkdir(exist_ok=True)
    for names in steps:
        copy_files(archive, root, names)
        warehouse.load()


def arrivals(archive: Path) -> dict[str, list[list[str]]]:
    """Return orders in which files may arrive."""
    days = days_of(archive)
    files = [name for day in days for name in day]
    early = [name for day in days for name in day[::2]]
    late = [name for day in days for name in day[1::2]]
    grouped = [sum(part, []) for part in chunks(days, 3)]
    return {
        "day after day": grouped,
        "latest day first": grouped[::-1],
        "an older day last": [sum(days[:2] + days[3:], []), days[2]],
        "late files in every day": [early, late],
        "one file, then the rest": [files[:1], files[1:]],
    }


ORDERS = (
    pytest.param("day after day", marks=only_thorough),
    "latest day first",
    "an older day last",
    "late files in every day",
    "one file, then the rest",
)


@pytest.mark.parametrize("order", ORDERS)
def test_order_of_arrival_changes_nothing(
    order: str,
    archive: Path,
    tmp_path: Path,
    new_warehouse: Callable[..., Warehouse],
) -> None:
    """However the files arrive, the tables are the same."""
    root = tmp_path / "root"
    warehouse = new_warehouse(root)
    steps = arrivals(archive)[order]
    load_steps(archive, root, steps, warehouse)
    expected = oracle.tables(root)
    assert len(expected["fct_cloudtrail_loads"]) == sum(map(len, steps))
    assert_tables(expected, warehouse)


def test_second_run_changes_nothing(
    archive: Path, new_warehouse: Callable[..., Warehouse]
) -> None:
    """A run that finds no new file leaves every row as it was.

    So does a full refresh that stopped midway and was taken up by the next run.
    """
    warehouse = new_warehouse(archive)
    warehouse.load()
    before = warehouse.snapshot()
    warehouse.load()
    assert warehouse.snapshot() == before
    warehouse.load("--full-refresh", "--select", "+fct_s3_requests")
    warehouse.load()
    assert_tables(oracle.tables(archive), warehouse)


def test_shorter_end_takes_nothing_away(
    archive: Path, new_warehouse: Callable[..., Warehouse]
) -> None:
    """The end decides what is read, not what is kept; a later end reads on."""
    warehouse = new_warehouse(archive)
    warehouse.load(end_date="2024-02-28")
    warehouse.load(end_date="2024-03-02")
    warehouse.load(end_date="2024-02-28")
    settings = oracle.Settings(end_date=oracle.date(2024, 3, 2))
    assert_tables(oracle.tables(archive, settings), warehouse)


# --------------------------------------------------------- Copies of a request


UPDATE = {"reason": "UPDATED_DATA", "originalEventID": "one"}
# Each case: the copies that are there first, and those that come later, as
# (day of the folder, record), and the event id that wins.
COPIES: dict[str, tuple[list, list, str]] = {
    "the caller's copy comes later": (
        [(10, event(eventID="owner", sharedEventID="s", userIdentity=OWNER))],
        [(11, event(eventID="caller", sharedEventID="s"))],
        "caller",
    ),
    "the owner's copy comes later": (
        [(11, event(eventID="caller", sharedEventID="s"))],
        [(10, event(eventID="owner", sharedEventID="s", userIdentity=OWNER))],
        "caller",
    ),
    "an update comes later": (
        [(10, event(eventID="one"))],
        [(14, event(eventID="two", addendum=UPDATE))],
        "two",
    ),
    "an older update comes later": (
        [(14, event(eventID="three", addendum=UPDATE)), (10, event(eventID="one"))],
        [(12, event(eventID="two", addendum=UPDATE))],
        "three",
    ),
    "an owner's update of a caller's event": (
        [(10, event(eventID="one"))],
        [(11, event(eventID="two", addendum=UPDATE, userIdentity=OWNER))],
        "two",
    ),
    "the earlier folder comes later": (
        [(11, event(eventID="one", errorMessage="second"))],
        [(10, event(eventID="one", errorMessage="first"))],
        "one",
    ),
    "a redelivery comes later": (
        [(10, event(eventID="one", errorMessage="first"))],
        [(29, event(eventID="one", errorMessage="second"))],
        "one",
    ),
    "the smaller file comes later": (
        [(10, event(eventID="b", sharedEventID="s"))],
        [(9, event(eventID="c", sharedEventID="s"))],
        "c",
    ),
    "a log contradicts itself": (
        [(10, event(eventID="one"))],
        [(11, event(eventID="one", eventTime="2024-02-11T00:00:00Z"))],
        "one",
    ),
}


def write_copies(root: Path, number: int, copies: list) -> None:
    """Write copies into files of their days, other events beside them."""
    for day, record in copies:
        others = [{**o, "eventID": f"{o['eventID']} {day}"} for o in OTHERS]
        log(root, day, number, *others, record)


@pytest.mark.parametrize("cases", [list(COPIES)[:5], list(COPIES)[5:]])
def test_copies_meet_across_runs(
    cases: list[str], tmp_path: Path, new_warehouse: Callable[..., Warehouse]
) -> None:
    """The winner is the same when its rivals came in another run.

    The cases are loaded together: each has a folder, ids and keys of its own.
    """
    warehouse = new_warehouse(tmp_path)
    for step in (0, 1):
        for name in cases:
            write_copies(tmp_path / name, step, own_ids(name, COPIES[name][step]))
        warehouse.load()
    expected = oracle.tables(tmp_path)
    assert_tables(expected, warehouse)
    facts = {row["event_id"] for row in expected["fct_s3_requests"]}
    for name in cases:
        assert f"{name}: {COPIES[name][2]}" in facts
        losers = {
            f"{name}: {record['eventID']}"
            for copies in COPIES[name][:2]
            for _, record in copies
        } - {f"{name}: {COPIES[name][2]}"}
        assert not losers & facts


def own_ids(name: str, copies: list) -> list:
    """Return copies whose ids are of one case alone."""

    def own(record: dict[str, Any]) -> dict[str, Any]:
        named = {**record, "eventID": f"{name}: {record['eventID']}"}
        if "sharedEventID" in record:
            named["sharedEventID"] = f"{name}: shared"
        if "addendum" in record:
            named["addendum"] = {**UPDATE, "originalEventID": f"{name}: one"}
        return named

    return [(day, own(record)) for day, record in copies]


def test_order_in_a_file_decides_nothing(
    tmp_path: Path, new_warehouse: Callable[..., Warehouse]
) -> None:
    """Of copies with the same ids in one file the content tells which counts."""
    warehouse = new_warehouse(tmp_path)
    # One step rebuilds, the other adds.
    for day in (10, 11):
        copies = [
            event(eventID=f"twice {day}", userAgent="aws-cli/2.0"),
            event(eventID=f"twice {day}", userAgent="Boto3/1.20"),
            event(eventID=f"twice {day}", userAgent=None),
        ]
        turned = [{**copy, "eventID": f"turned {day}"} for copy in reversed(copies)]
        log(tmp_path, day, 1, *copies, *OTHERS, *turned)
        warehouse.load()
        assert_tables(oracle.tables(tmp_path), warehouse)
    agents = {
        row["user_agent"]
        for row in warehouse.rows("fct_s3_requests")
        if row["event_id"].startswith(("twice", "turned"))
    }
    assert agents == {"aws-cli/2.0"}


# ------------------------------------------------------- Files that go or change


def test_expired_files_take_nothing_with_them(
    archive: Path, tmp_path: Path, new_warehouse: Callable[..., Warehouse]
) -> None:
    """Rows stay when their files are gone, also where the day gets new ones."""
    root, seen = tmp_path / "root", tmp_path / "seen"
    warehouse = new_warehouse(root)
    days = days_of(archive)
    first = [name for day in days[:-1] for name in day[::2]]
    copy_files(archive, seen, first)
    load_steps(archive, root, [first], warehouse)
    for name in [name for day in days[:3] for name in day[::2]]:
        (root / name).unlink()
    warehouse.load()
    assert_tables(oracle.tables(seen), warehouse)
    rest = [name for day in days for name in day if name not in first]
    copy_files(archive, seen, rest)
    load_steps(archive, root, [rest], warehouse)
    assert_tables(oracle.tables(seen), warehouse)


def test_expired_winner_and_loser(
    tmp_path: Path, new_warehouse: Callable[..., Warehouse]
) -> None:
    """Copies whose files are gone still win, lose and are counted."""
    root, seen = tmp_path / "root", tmp_path / "seen"
    warehouse = new_warehouse(root)

    def both(*arguments: Any) -> Path:
        log(seen, *arguments)
        return log(root, *arguments)

    owner = event(eventID="owner", sharedEventID="s", userIdentity=OWNER)
    caller = event(eventID="caller", sharedEventID="s")
    first = both(10, 1, *OTHERS, owner, event(eventID="one"))
    second = both(11, 1, event(eventID="one"), event(eventID="two"))
    warehouse.load()
    first.unlink()
    second.unlink()
    both(11, 2, caller, event(eventID="two", addendum=UPDATE))
    both(10, 2, event(eventID="three"))
    warehouse.load()
    assert_tables(oracle.tables(seen), warehouse)


def test_owners_copy_that_loses_is_remembered(
    tmp_path: Path, new_warehouse: Callable[..., Warehouse]
) -> None:
    """A bucket that others alone use is monitored if its owner's trail tells of it.

    The caller's copies are the rows, whenever the owner's come.
    """
    caller, owner = OWNER["accountId"], OTHER_ACCOUNT
    of_owner = {
        "resources": [
            {
                "accountId": owner,
                "type": "AWS::S3::Bucket",
                "ARN": "arn:aws:s3:::reports",
            }
        ]
    }
    called = event(eventID="called", sharedEventID="shared", **of_owner)
    copy = {**called, "userIdentity": OWNER, "recipientAccountId": owner}
    warehouse = new_warehouse(tmp_path)
    log(tmp_path, 10, 1, called)

    def load() -> tuple[list[Any], bool, set[str]]:
        run = warehouse.run(decisions=True)
        assert run.success, run.error
        assert_tables(oracle.tables(tmp_path), warehouse)
        (bucket,) = warehouse.rows("dim_s3_buckets")
        assert bucket["bucket_account_id"] == owner
        assert bucket["owner_data_event_count"] == 0
        return (
            [row["account_id"] for row in warehouse.rows("fct_s3_requests")],
            bucket["is_monitored"],
            {
                row["verdict_reason"]
                for row in warehouse.rows("fct_s3_enforcement_readiness")
            },
        )

    assert load() == ([caller], False, {"no_data_events"})
    log(tmp_path, 12, 1, {**copy, "eventID": "copied"})
    unknown = {"writes_not_logged", "attribute_not_logged"}
    assert load() == ([caller], True, unknown)
    log(tmp_path, 12, 1)
    assert load() == ([caller], False, {"no_data_events"})


def test_changed_file_is_read_again(
    tmp_path: Path, new_warehouse: Callable[..., Warehouse]
) -> None:
    """A file that was written anew counts as it is now."""
    warehouse = new_warehouse(tmp_path)
    log(tmp_path, 10, 1, *OTHERS, event(eventID="one"), event(eventID="gone"))
    log(tmp_path, 10, 2, event(eventID="beside"))
    log(tmp_path, 12, 1, event(eventID="far", eventTime="2024-02-12T00:00:00Z"))
    warehouse.load()
    log(tmp_path, 10, 1, *OTHERS, event(eventID="one", errorCode="AccessDenied"))
    log(tmp_path, 12, 1)
    warehouse.load()
    assert_tables(oracle.tables(tmp_path), warehouse)


def test_winner_vanishes_from_a_changed_file(
    tmp_path: Path, new_warehouse: Callable[..., Warehouse]
) -> None:
    """A copy that lost stands for the request when the winner is no more."""
    warehouse = new_warehouse(tmp_path)
    log(tmp_path, 10, 1, *OTHERS, event(eventID="one", errorMessage="first"))
    log(tmp_path, 11, 1, event(eventID="one", errorMessage="second"))
    warehouse.load()
    log(tmp_path, 10, 1, *OTHERS)
    warehouse.load()
    assert_tables(oracle.tables(tmp_path), warehouse)


def test_end_before_what_a_changed_file_uncovers(
    tmp_path: Path, new_warehouse: Callable[..., Warehouse]
) -> None:
    """A run whose end leaves out the copy that wins now is refused."""
    warehouse = new_warehouse(tmp_path)
    changed = log(tmp_path, 10, 1, *OTHERS, event(eventID="one"))
    log(tmp_path, 12, 1, event(eventID="one"))
    warehouse.load()
    before = warehouse.snapshot()
    log(tmp_path, 10, 1, *OTHERS)
    sentence = warehouse.refused(end_date="2024-02-11")
    assert changed.name in sentence and "up to 2024-02-12" in sentence
    assert warehouse.snapshot() == before
    warehouse.load(end_date="2024-02-12")
    assert_tables(oracle.tables(tmp_path), warehouse)


def test_same_file_in_two_places(
    tmp_path: Path, new_warehouse: Callable[..., Warehouse]
) -> None:
    """A copied tree doubles the counts of its files, and no request."""
    warehouse = new_warehouse(tmp_path)
    for name in ("one", "backup/of one"):
        log(tmp_path / name, 10, 1, *OTHERS, event(eventID="one"))
        warehouse.load()
    expected = oracle.tables(tmp_path)
    assert [row["duplicate_count"] for row in expected["fct_cloudtrail_log_files"]] == [
        4
    ]
    assert_tables(expected, warehouse)
    counts = [row["s3_record_count"] for row in warehouse.rows("fct_cloudtrail_loads")]
    assert sorted(counts) == [0, 8]


def test_snapshots_in_folders_of_days(
    tmp_path: Path, new_warehouse: Callable[..., Warehouse]
) -> None:
    """A day above AWSLogs/ is not the files': two of one name are of one day."""
    warehouse = new_warehouse(tmp_path)
    for day in (10, 11):
        path = f"2024/02/{day}/AWSLogs/111122223333/CloudTrail/us-east-1/events.json"
        hostile.write(
            tmp_path / path, hostile.envelope([event(eventID=f"in snapshot {day}")])
        )
        warehouse.load()
        assert_tables(oracle.tables(tmp_path), warehouse)
    warehouse.load("--full-refresh")
    assert_tables(oracle.tables(tmp_path), warehouse)


def test_a_name_that_tells_no_time_is_not_the_last_delivery(
    tmp_path: Path, new_warehouse: Callable[..., Warehouse]
) -> None:
    """Source freshness compares the others."""
    log(tmp_path, 10, 1, *OTHERS)
    odd = log(tmp_path, 10, 2, event(eventID="odd"))
    odd.rename(odd.with_name(odd.name.replace("20240210T", "20249999T")))
    run = new_warehouse(tmp_path).run("freshness", command="source")
    assert "out of range" not in run.error + "".join(run.messages)
    assert any("STALE" in text for text in run.messages), run.error


def test_excluded_file_never_counts(
    tmp_path: Path, new_warehouse: Callable[..., Warehouse]
) -> None:
    """A file excluded from the start is nowhere, whatever comes later."""
    left_out = log(tmp_path, 10, 1, *OTHERS, event(eventID="one"))
    log(tmp_path, 10, 2, event(eventID="two"))
    warehouse = new_warehouse(tmp_path, excluded_files=[left_out.name])
    warehouse.load()
    log(tmp_path, 10, 3, event(eventID="three"))
    warehouse.load()
    settings = oracle.Settings(excluded_files=(left_out.name,))
    expected = oracle.tables(tmp_path, settings)
    assert len(expected["fct_s3_requests"]) == 2
    assert_tables(expected, warehouse)


# --------------------------------------------------------------- Broken-off runs


def test_killed_run_is_made_good(
    archive: Path, tmp_path: Path, new_warehouse: Callable[..., Warehouse]
) -> None:
    """A whole run after one that stopped midway gives the right tables.

    Once the fact is the last table written, then only the loads are not.
    """
    root = tmp_path / "root"
    warehouse = new_warehouse(root)
    selections = (
        ("--select", "+fct_s3_requests"),
        ("--exclude", "fct_cloudtrail_loads+"),
        ("--select", "+fct_s3_requests"),
    )
    for days, selection in zip(chunks(days_of(archive), 3), selections, strict=True):
        copy_files(archive, root, sum(days, []))
        warehouse.load(*selection)
        warehouse.load()
    assert_tables(oracle.tables(root), warehouse)


def test_file_changes_after_a_killed_run(
    tmp_path: Path, new_warehouse: Callable[..., Warehouse]
) -> None:
    """What a killed run changed is put right, also where it is gone now.

    Each file is written anew once before and once after the run that stops.
    """
    warehouse = new_warehouse(tmp_path)
    eve = "2024-02-09T10:00:00Z"
    log(tmp_path, 10, 1, *OTHERS, event(eventID="early", eventTime=eve))
    log(tmp_path, 12, 1, event(eventID="one", errorCode="AccessDenied"))
    warehouse.load()
    # a day without a request in the file, and a copy that beats a stored row
    log(tmp_path, 10, 1, *OTHERS)
    log(tmp_path, 11, 1, event(eventID="one"))
    warehouse.load("--select", "+fct_s3_requests")
    log(tmp_path, 11, 1)
    sentence = warehouse.refused(end_date="2024-02-11")
    assert "up to 2024-02-12" in sentence and "stopped midway" in sentence
    warehouse.load()
    assert_tables(oracle.tables(tmp_path), warehouse)


# ------------------------------------------------------------------ Full refresh


def test_full_refresh_keeps_lost_days(
    tmp_path: Path, new_warehouse: Callable[..., Warehouse]
) -> None:
    """A full refresh that would lose loaded days stops and names them."""
    warehouse = new_warehouse(tmp_path)
    lost = [log(tmp_path, day, 1, event(eventID=f"lost {day}")) for day in (10, 12)]
    kept = log(tmp_path, 12, 2, *OTHERS)
    log(tmp_path, 14, 1, event(eventID="kept"))
    warehouse.load()
    before = warehouse.snapshot()
    for path in lost:
        path.unlink()
    sentence = warehouse.refused("--full-refresh")
    assert "2024-02-10" in sentence and "2024-02-12" in sentence
    assert "2024-02-14" not in sentence
    assert "cloudtrail_allow_data_loss" in sentence
    for model in ("fct_s3_requests", "fct_cloudtrail_log_files"):
        # Nor does it by going on from there.
        assert warehouse.refused("-s", model) == sentence.replace(
            "fct_s3_requests", model
        )
    assert warehouse.snapshot() == before
    warehouse.load("--full-refresh", allow_data_loss=True)
    expected = oracle.tables(tmp_path)
    assert kept.exists() and len(expected["fct_s3_requests"]) == 4
    assert_tables(expected, warehouse)
    warehouse.load("--full-refresh")
