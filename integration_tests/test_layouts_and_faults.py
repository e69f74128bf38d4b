"""What a root may look like, and what stops a run."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import hostile
import oracle
import pytest
from comparison import assert_tables
from driver import PROJECT, Warehouse

ACCOUNT, OTHER_ACCOUNT, _ = hostile.ACCOUNTS
REGION, OTHER_REGION, _ = hostile.REGIONS
DAY, NEXT_DAY = date(2024, 2, 28), date(2024, 2, 29)
NAME = hostile.log_path(ACCOUNT, REGION, DAY, 1)


def text(*ids: str, **fields: Any) -> str:
    """Return a log file's text with a record for every event id."""
    return hostile.envelope(
        [hostile.plain_record(eventID=name, **fields) for name in ids]
    )


# ------------------------------------------------------------------------ Layouts

# Paths below the root, each of which gets an event of its own.
LAYOUTS: dict[str, list[str]] = {
    "account trail": [
        f"AWSLogs/{NAME}",
        "AWSLogs/" + hostile.log_path(OTHER_ACCOUNT, OTHER_REGION, NEXT_DAY, 2),
    ],
    "prefix": [f"some prefix/deeper/AWSLogs/{NAME}"],
    "organization trail": [
        f"AWSLogs/o-abc123/{NAME}",
        "AWSLogs/o-abc123/" + hostile.log_path(OTHER_ACCOUNT, REGION, NEXT_DAY, 1),
    ],
    "Control Tower": [f"o-abc123/AWSLogs/o-abc123/{NAME}"],
    "below AWSLogs": [NAME],
    "days of a region": [f"2024/02/{day}/events.json.gz" for day in (28, 29)],
    "loose files": [
        "events.json",
        "events.json.gz",
        "deep/er/Events of May.json",
        NAME.rsplit("/", 1)[1],
        ".hidden/events.json",
    ],
    "json beside json.gz": [
        f"AWSLogs/{NAME}",
        f"AWSLogs/{NAME}".removesuffix(".gz"),
    ],
}
ODD_NAMES = (
    'it\'s "quoted" {{ 7 * 7 }} [a-z]{b} (c)',
    "a * in per%20cent #1; drop, umlaut ü and 鍵",
)


def write_layout(root: Path, paths: list[str]) -> None:
    """Write an event into each of some files."""
    for number, path in enumerate(paths):
        hostile.write(root / path, text(f"event {number}"))


@pytest.mark.parametrize("layout", LAYOUTS)
def test_layout(
    layout: str, tmp_path: Path, new_warehouse: Callable[..., Warehouse]
) -> None:
    """Every layout that can be read is read."""
    write_layout(tmp_path, LAYOUTS[layout])
    expected = oracle.tables(tmp_path)
    assert len(expected["fct_s3_requests"]) == len(LAYOUTS[layout])
    warehouse = new_warehouse(tmp_path)
    warehouse.load()
    assert_tables(expected, warehouse)


def test_siblings_are_left_out(
    tmp_path: Path, new_warehouse: Callable[..., Warehouse]
) -> None:
    """What lives beside the event logs is not read."""
    write_layout(tmp_path, [f"AWSLogs/{NAME}"])
    hostile.write_siblings(tmp_path, hostile.Generator(1))
    warehouse = new_warehouse(tmp_path)
    warehouse.load()
    assert len(warehouse.rows("fct_s3_requests")) == 1
    assert len(warehouse.rows("fct_cloudtrail_loads")) == 1


@pytest.mark.parametrize("name", ODD_NAMES)
def test_root_with_an_odd_name(
    name: str, tmp_path: Path, new_warehouse: Callable[..., Warehouse]
) -> None:
    """The root's name is a name, never a pattern or a piece of SQL."""
    root = tmp_path / name
    write_layout(root, [f"AWSLogs/{NAME}", f"{name}/loose {name}.json"])
    write_layout(tmp_path / name.split(" ")[0], ["decoy.json"])
    warehouse = new_warehouse(root)
    warehouse.load()
    assert_tables(oracle.tables(root), warehouse)
    assert len(warehouse.rows("fct_s3_requests")) == 2


@pytest.mark.parametrize("name", ["is it?/events.json.gz", "events.json.gz?part=1"])
def test_question_mark_is_refused(
    name: str, tmp_path: Path, new_warehouse: Callable[..., Warehouse]
) -> None:
    """DuckDB takes a `?` for the end of a name: no file is called damaged.

    Nor is one left out without a word because its name does not end like a log's.
    """
    write_layout(tmp_path, ["loose.json", name])
    error = new_warehouse(tmp_path).refused()
    assert "cloudtrail_s3:" in error and name in error


@pytest.mark.parametrize(
    "path", [f"AWSLogs/{NAME}", "by/2024/02/28/it's one [file].json"]
)
def test_one_file_as_root(
    path: str, tmp_path: Path, new_warehouse: Callable[..., Warehouse]
) -> None:
    """A file given as root is read alone."""
    write_layout(tmp_path, [path, "beside.json", f"{path}.beside.json"])
    warehouse = new_warehouse(tmp_path / path)
    warehouse.load()
    assert_tables(oracle.tables(tmp_path / path), warehouse)
    assert len(warehouse.rows("fct_s3_requests")) == 1


def test_spelling_of_the_root(
    tmp_path: Path, new_warehouse: Callable[..., Warehouse]
) -> None:
    """A slash at the end is the same root; a relative one is read as well."""
    write_layout(tmp_path, [f"AWSLogs/{NAME}", "loose.json"])
    expected = oracle.tables(tmp_path)
    warehouse = new_warehouse(f"{tmp_path}/")
    warehouse.load()
    assert_tables(expected, warehouse)
    warehouse.load(root=str(tmp_path))
    warehouse.load(root=f"{tmp_path}//")
    assert_tables(expected, warehouse)
    relative = new_warehouse(os.path.relpath(tmp_path, PROJECT))
    relative.load()
    assert_tables(expected, relative)


# ----------------------------------------------------------------- Damaged files


@pytest.fixture(scope="module")
def loaded(
    tmp_path_factory: pytest.TempPathFactory,
    new_warehouse: Callable[..., Warehouse],
) -> tuple[Warehouse, Path]:
    """Return a loaded database, and its root, for tests that change neither."""
    root = tmp_path_factory.mktemp("loaded")
    write_layout(root, [f"AWSLogs/{NAME}", "loose.json", "other/2024/02/29/x.json"])
    warehouse = new_warehouse(root, start_date="1970-01-01")
    warehouse.load()
    return warehouse, root


@pytest.mark.parametrize("name", hostile.damaged_files())
def test_damaged_file_stops_the_run(name: str, loaded: tuple[Warehouse, Path]) -> None:
    """A damaged file is named, and no table has changed."""
    warehouse, root = loaded
    before = warehouse.snapshot()
    damaged = root / "AWSLogs" / NAME.rsplit("/", 1)[0] / name
    late = hostile.write(root / "late.json", text("late"))
    damaged.write_bytes(hostile.damaged_files()[name])
    try:
        error = warehouse.refused()
    finally:
        damaged.unlink()
        late.unlink()
    assert name in error
    assert warehouse.snapshot() == before


def test_excluded_files_get_past_damaged_ones(
    tmp_path: Path, new_warehouse: Callable[..., Warehouse]
) -> None:
    """Damaged files that are excluded stop nothing, first or later."""
    write_layout(tmp_path, [f"AWSLogs/{NAME}"])
    damaged = list(hostile.damaged_files().items())
    for name, data in damaged[:4]:
        (tmp_path / name).write_bytes(data)
    excluded = [name for name, _ in damaged[:4]]
    warehouse = new_warehouse(tmp_path)
    error = warehouse.refused()
    assert any(name in error for name in excluded), error
    warehouse.load(excluded_files=excluded)
    for name, data in damaged[4:]:
        (tmp_path / name).write_bytes(data)
    excluded = [name for name, _ in damaged]
    warehouse.load(excluded_files=excluded)
    settings = oracle.Settings(excluded_files=tuple(excluded))
    assert_tables(oracle.tables(tmp_path, settings), warehouse)


def test_files_without_events_are_no_fault(
    tmp_path: Path, new_warehouse: Callable[..., Warehouse]
) -> None:
    """Empty files and other JSON stop nothing; one warning names the latter."""
    write_layout(tmp_path, [f"AWSLogs/{NAME}"])
    hostile.write_eventless(tmp_path)
    warehouse = new_warehouse(tmp_path)
    run = warehouse.load()
    assert_tables(oracle.tables(tmp_path), warehouse)
    ignored = {"list.json", "other.json.gz", "records-object.json", "wrapped.json"}
    ignored.add("records-null.json")
    (said,) = run.warnings
    assert "5" in said
    assert sum(name in said for name in ignored) == 3


def test_only_files_without_events(
    tmp_path: Path, new_warehouse: Callable[..., Warehouse]
) -> None:
    """Tables may be empty where the logs are."""
    hostile.write_eventless(tmp_path)
    warehouse = new_warehouse(tmp_path)
    warehouse.load()
    assert_tables(oracle.tables(tmp_path), warehouse)
    warehouse.load()
    assert_tables(oracle.tables(tmp_path), warehouse)


def test_odd_records_are_counted_and_warned_about(
    tmp_path: Path, new_warehouse: Callable[..., Warehouse]
) -> None:
    """What a log cannot tell is where a user sees it; the build succeeds.

    Records without time or id are counted, one id on two event days gives two rows.
    """
    twice = [
        hostile.plain_record(eventID="twice", eventTime=f"{day}T10:00:00Z")
        for day in (DAY, NEXT_DAY)
    ]
    nameless = hostile.plain_record(eventID="", sharedEventID=None)
    timeless = hostile.plain_record(eventID="timeless", eventTime=...)
    records = [*twice, nameless, timeless]
    hostile.write(tmp_path / "AWSLogs" / NAME, hostile.envelope(records))
    warehouse = new_warehouse(tmp_path)
    run = warehouse.build()
    assert_tables(oracle.tables(tmp_path), warehouse)
    assert len(warehouse.rows("fct_s3_requests")) == 2
    (file,) = warehouse.rows("fct_cloudtrail_log_files")
    assert (file["s3_record_count"], file["unplaceable_count"]) == (4, 2)
    assert any("unplaceable" in name for name in run.warned)
    assert any("contradict" in name for name in run.warned)


def test_one_envelope_of_many_records(
    tmp_path: Path, new_warehouse: Callable[..., Warehouse]
) -> None:
    """A file larger than DuckDB's default for one JSON object is read."""
    padding = "x" * 2000
    ids = [f"event {number}" for number in range(12000)]
    hostile.write(tmp_path / "large.json.gz", text(*ids, errorMessage=padding))
    warehouse = new_warehouse(tmp_path)
    warehouse.load()
    counted = warehouse.query("select count(*) as rows from main.fct_s3_requests")
    assert counted == [{"rows": 12000}]


# ---------------------------------------------------------------- Nothing to read


def test_nothing_to_read(
    tmp_path: Path, new_warehouse: Callable[..., Warehouse]
) -> None:
    """A missing, empty or foreign root ends in a sentence that names it."""
    (tmp_path / "empty").mkdir()
    hostile.write(tmp_path / "foreign" / "photo.txt", "not a log")
    hostile.write_siblings(tmp_path / "siblings", hostile.Generator(1))
    hostile.write(tmp_path / "file.txt", "not a log")
    for name in ("missing", "empty", "foreign", "siblings", "file.txt"):
        warehouse = new_warehouse(tmp_path / name)
        error = warehouse.refused()
        assert "cloudtrail_s3:" in error, name
        assert str(tmp_path / name) in error
        assert not any(map(warehouse.rows, oracle.KEYS))
    error = new_warehouse("").refused()
    assert "cloudtrail_root" in error and "CLOUDTRAIL_ROOT" in error


def test_nothing_new_to_read_is_no_fault(
    tmp_path: Path, new_warehouse: Callable[..., Warehouse]
) -> None:
    """Settings that let no file through stop a first run, naming themselves."""
    write_layout(tmp_path, [f"AWSLogs/{NAME}"])
    error = new_warehouse(tmp_path, end_date="2020-01-01").refused()
    assert "cloudtrail_end_date" in error


# ----------------------------------------------------------------------- Settings


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("account_ids", [ACCOUNT]),
        ("regions", [REGION]),
        ("start_date", "2024-02-01"),
        ("excluded_files", ["loose.json"]),
        ("excluded_buckets", ["reports"]),
        ("root", None),
    ],
)
def test_changed_settings_are_refused(
    variable: str, value: Any, loaded: tuple[Warehouse, Path]
) -> None:
    """Tables are never mixed: other settings are named, with the ways out."""
    warehouse, root = loaded
    before = warehouse.snapshot()
    if value is None:
        value = str(root / "AWSLogs")
    error = warehouse.refused(**{variable: value})
    assert f"cloudtrail_{variable}" in error
    assert "--full-refresh" in error
    assert "CLOUDTRAIL_DUCKDB_PATH" in error
    if variable == "root":
        assert str(root) in error.replace(value, "")
    assert warehouse.snapshot() == before


def test_full_refresh_takes_new_settings(
    loaded: tuple[Warehouse, Path], tmp_path: Path
) -> None:
    """The way out that the sentence names works; then the old ones are refused."""
    warehouse, root = loaded
    warehouse = warehouse.copy(tmp_path / "copy")
    warehouse.load("--full-refresh", excluded_files=["loose.json"])
    settings = oracle.Settings(excluded_files=("loose.json",))
    assert_tables(oracle.tables(root, settings), warehouse)
    other = hostile.write(tmp_path / "other" / "other.json", text("other")).parent
    warehouse.load("--full-refresh", root=str(other))
    assert_tables(oracle.tables(other), warehouse)
    assert "cloudtrail_root" in warehouse.refused()


def test_end_may_change(loaded: tuple[Warehouse, Path], tmp_path: Path) -> None:
    """The end of what is read is no setting of the tables."""
    warehouse, root = loaded
    warehouse = warehouse.copy(tmp_path / "copy")
    warehouse.load(end_date="2024-02-28")
    assert_tables(oracle.tables(root), warehouse)


@pytest.mark.parametrize(
    ("variables", "named"),
    [
        ({"account_ids": ["12345"]}, "account_ids"),
        ({"account_ids": [111122223333, "x' or 1=1"]}, "account_ids"),
        ({"account_ids": {"a": 1}}, "account_ids"),
        ({"regions": ["nowhere"]}, "regions"),
        ({"regions": ["us-east-1'; --"]}, "regions"),
        ({"start_date": "2024-02-30"}, "start_date"),
        ({"start_date": "28.02.2024"}, "start_date"),
        ({"end_date": "yesterday"}, "end_date"),
        ({"end_date": "2024-02-28' or '1'='1"}, "end_date"),
        ({"start_date": "2024-03-01", "end_date": "2024-02-01"}, "end_date"),
        ({"excluded_files": [{"a": 1}]}, "excluded_files"),
        ({"excluded_files": [""]}, "excluded_files"),
        ({"excluded_buckets": [None]}, "excluded_buckets"),
        ({"excluded_buckets": 5}, "excluded_buckets"),
        ({"lookback_days": -1}, "lookback_days"),
        ({"lookback_days": "two"}, "lookback_days"),
        ({"quiet_days": 1.5}, "quiet_days"),
        ({"min_covered_days": -1}, "min_covered_days"),
        ({"new_access_days": -7}, "new_access_days"),
        ({"baseline_days": "a fortnight"}, "baseline_days"),
        ({"outlier_days": 6}, "outlier_days"),
        ({"outlier_days": 367}, "outlier_days"),
        ({"outlier_min_bytes": 1e6}, "outlier_min_bytes"),
        ({"test_all": "perhaps"}, "test_all"),
        ({"allow_data_loss": "perhaps"}, "allow_data_loss"),
    ],
    ids=str,
)
def test_bad_values_are_refused(
    variables: dict[str, Any], named: str, loaded: tuple[Warehouse, Path]
) -> None:
    """A value that cannot be meant is refused by the variable's name."""
    warehouse, _ = loaded
    error = warehouse.refused(**variables)
    assert "cloudtrail_s3:" in error
    assert f"cloudtrail_{named}" in error
    assert "--full-refresh" not in error


HOSTILE_VALUES = ("'; drop table x; --", "{{ 7 * 7 }}", 'a"b', "a\\b", "ü", "%_")


def test_hostile_values_are_only_values(
    tmp_path: Path, new_warehouse: Callable[..., Warehouse]
) -> None:
    """A list's texts are compared with names, whatever they hold."""
    hostile.write(tmp_path / "kept.json", text("kept"))
    for number, value in enumerate(HOSTILE_VALUES):
        left = text(value, requestParameters={"bucketName": value}, resources=[])
        hostile.write(tmp_path / f"{number}.json", left)
        hostile.write(tmp_path / f"{value}.json", text(f"file {value}"))
    settings = oracle.Settings(
        excluded_buckets=HOSTILE_VALUES,
        excluded_files=tuple(f"{value}.json" for value in HOSTILE_VALUES),
    )
    warehouse = new_warehouse(
        tmp_path,
        excluded_buckets=list(settings.excluded_buckets),
        excluded_files=list(settings.excluded_files),
    )
    warehouse.load()
    assert_tables(oracle.tables(tmp_path, settings), warehouse)
    assert len(warehouse.rows("fct_s3_requests")) == 1
