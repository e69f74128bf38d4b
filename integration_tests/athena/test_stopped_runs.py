"""Runs that stopped midway, or that would lose what no file holds any more."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from comparison import differences
from february import ACCOUNT, REGION
from lake import BUCKET, Lake
from test_backfill_and_retention import days
from test_incremental_runs import Trail, of_day, tables
from thorough import only_thorough

from local_athena.stack import LocalAthena

LAST = 18
RUN = ("run", "-s", "+fct_cloudtrail_loads")
AFTER_THE_FACT = "fct_cloudtrail_log_files__new_"


@pytest.mark.parametrize(
    "table_type", ["iceberg", pytest.param("hive", marks=only_thorough)]
)
def test_what_the_next_run_could_not_mend_is_refused(
    table_type: str,
    local: LocalAthena,
    new_lake: Callable[..., Lake],
    tmp_path: Path,
) -> None:
    trail = Trail(local, tmp_path, f"stopped_{table_type}")
    kept = trail.write(12, 1, of_day(12, "old"), of_day(12, "corrected later"))
    trail.write(16, 1, of_day(16, "recent"))
    # Nothing in the last folder can be placed.
    trail.write(LAST, 1, of_day(LAST, "no time") | {"eventTime": "?"})
    trail.arrive()
    lake = new_lake(
        f"s3://{BUCKET}/{trail.name}",
        table_type=table_type,
        account_ids=[ACCOUNT],
        regions=[REGION],
        start_date="2024-02-11",
        end_date=f"2024-02-{LAST}",
        lookback_days=1,
    )

    def wrong() -> list[str]:
        expected = tables(trail.seen, LAST)
        names = ("fct_s3_requests", "fct_cloudtrail_log_files")
        return differences({name: expected[name] for name in names}, lake)

    lake.do("seed")
    lake.make_table()
    lake.do(*RUN)
    # Once more: what cannot be placed is counted once.
    lake.do(*RUN)
    assert wrong() == []

    # A backfill stops midway: an ordinary run does not read its day.
    trail.write(12, 2, of_day(12, "late"))
    trail.arrive()
    local.fail_next(AFTER_THE_FACT)
    lake.refused(*RUN, **days(12, 12))
    said = lake.refused(*RUN)
    assert "a run of the log days 2024-02-12 to 2024-02-12 stopped midway" in said
    assert "cloudtrail_backfill_start 2024-02-12" in said
    lake.do(*RUN, **days(12, 12))
    assert wrong() == []
    lake.do(*RUN)
    assert wrong() == []

    # A file is left out that is loaded, by its name and by its whole path.
    for name in (kept.name, f"{trail.name}/{kept.as_posix()}"):
        said = lake.refused(
            "run", "-s", "stg_cloudtrail__events", excluded_files=[name]
        )
        assert f"built with {kept.as_posix()}" in said

    # One that is left out when it comes, and later no more.
    late = trail.write(13, 1, of_day(13, "left out at first"))
    trail.arrive()
    lake.do(*RUN, **days(13, 13), excluded_files=[late.name])
    said = lake.refused(*RUN)
    assert f"no longer names {late.name}" in said
    assert "cloudtrail_backfill_start 2024-02-13" in said
    lake.do(*RUN, **days(13, 13))
    assert wrong() == []

    # Tables of the other type: what publishes their rows knows none of them.
    other = {"hive": "iceberg", "iceberg": "hive"}[table_type]
    for flags in ((), ("--full-refresh",)):
        said = lake.refused(
            "run", "-s", "stg_cloudtrail__events", *flags, table_type=other
        )
        assert f"is of the type {table_type}" in said
    assert wrong() == []

    # A file has expired: a rebuild would lose it, whatever else is left out.
    trail.expire(kept)
    others = {"excluded_buckets": ["other"]}
    said = lake.refused(*RUN, "--full-refresh", **others)
    assert "would lose 1 loaded days" in said and "2024-02-12" in said
    # Nor by going on from there.
    for model in ("fct_s3_requests", "fct_cloudtrail_log_files"):
        assert "would lose 1 loaded days" in lake.refused("run", "-s", model, **others)
    lake.do(*RUN)
    assert wrong() == []

    # A rebuild stops midway: what a backfill would load first is not all there is.
    local.fail_next(AFTER_THE_FACT)
    lake.refused(*RUN, "--full-refresh", allow_data_loss=True)
    said = lake.refused(*RUN, **days(16, 16))
    assert "a rebuild has not ended" in said and "2024-02-16 to 2024-02-16" in said
    lake.do(*RUN)
    (trail.seen / kept).unlink()
    assert wrong() == []
