"""The settings of the raw Athena table, as the project's macros read them.

They stand in dbt_project.yml; VARS overrides them, and CLOUDTRAIL_ROOT and
ATHENA_SCHEMA fill in where the variables are empty. The rules are those of
macros/cloudtrail/settings.sql and macros/athena_ddl/table_settings.sql.
"""

from __future__ import annotations

import os
import re
from datetime import date, datetime, timedelta, timezone
from typing import Any, NamedTuple

import local_dbt
from local_dbt import Stopped

# As in profiles.example.yml.
DEFAULT_SCHEMA = "cloudtrail_s3"

ACCOUNT = re.compile(r"[0-9]{12}")
REGION = re.compile(r"[a-z]{2,}(-[a-z]+)+-[0-9]+")
ORGANIZATION = re.compile(r"o-[a-z0-9]{10,32}")

# The years that the project's macros take.
_CALENDAR = (date(1000, 1, 1), date(2999, 12, 31))

_COLUMNS = {
    "projected": ("account", "region", "day"),
    "partitioned": ("region", "year", "month", "day"),
    "unpartitioned": (),
}


class Span(NamedTuple):
    """The days from the first to the last, both inclusive."""

    first: date
    last: date

    def holds(self, day: date) -> bool:
        """Tell whether a day is one of them."""
        return self.first <= day <= self.last


class Settings(NamedTuple):
    """Where the logs are, what of them is read, and which table shows them."""

    bucket: str
    # What stands above AWSLogs/ in a key: "" or a prefix that ends in "/".
    above: str
    organization: str
    # Empty means all.
    accounts: tuple[str, ...]
    regions: tuple[str, ...]
    start: date | None
    end: date | None
    # Days before the last one whose logs are kept; 0 keeps all.
    retention: int
    layout: str
    database: str
    table: str

    @property
    def place(self) -> str:
        """The prefix of keys that holds the accounts' folders."""
        inside = f"{self.organization}/" if self.organization else ""
        return f"{self.above}AWSLogs/{inside}"

    @property
    def days(self) -> Span:
        """The days that are read."""
        first = max(self.start or date.min, self.first_kept or date.min)
        return Span(first, self.end or date.max)

    @property
    def first_kept(self) -> date | None:
        """The first day that the retention keeps, None if it keeps all."""
        if not self.retention:
            return None
        today = self.end or datetime.now(timezone.utc).date()
        # As long as a retention may be, a calendar is not.
        return today - timedelta(min(self.retention, (today - date.min).days))

    @property
    def columns(self) -> tuple[str, ...]:
        """The partition columns that the table must have."""
        shared = self.layout == "partitioned" and len(self.accounts) > 1
        return ("account",) * shared + _COLUMNS[self.layout]

    def leaves_out(self, account: str, region: str) -> bool:
        """Tell whether the variables leave out an account's region."""
        return bool(
            (self.accounts and account not in self.accounts)
            or (self.regions and region not in self.regions)
        )


def read() -> Settings:
    """Read the settings.

    Raises:
        Stopped: one of them is missing or impossible.
    """
    variables = local_dbt.variables()

    def text(name: str) -> str:
        value = variables.get(name)
        return "" if value is None else str(value).strip()

    def day(name: str) -> date | None:
        return local_dbt.day(name, text(name), *_CALENDAR)

    catalog = os.environ.get("ATHENA_DATABASE") or "awsdatacatalog"
    if catalog.lower() != "awsdatacatalog":
        raise Stopped(
            f"ATHENA_DATABASE is {catalog}: only the account's own Glue catalog,"
            " awsdatacatalog, can be checked."
        )
    bucket, above = _root(text("cloudtrail_root"))
    start = day("cloudtrail_start_date")
    end = day("cloudtrail_end_date")
    if start and end and end < start:
        raise Stopped(f"cloudtrail_end_date {end} is before the start date {start}.")
    organization = text("cloudtrail_organization_id")
    if organization and not ORGANIZATION.fullmatch(organization):
        raise Stopped(
            f"cloudtrail_organization_id: {organization} is no organization id; it"
            " is written like o-a1b2c3d4e5."
        )
    retention = text("cloudtrail_retention_days")
    if not re.fullmatch("[0-9]{1,5}", retention):
        raise Stopped(
            "cloudtrail_retention_days must be a whole number of days, it is"
            f" {retention}."
        )
    layout = text("cloudtrail_layout")
    if layout not in _COLUMNS:
        raise Stopped(
            f"cloudtrail_layout: {layout} is no layout; use projected, partitioned"
            " or unpartitioned."
        )
    return Settings(
        bucket=bucket,
        above=above,
        organization=organization,
        accounts=_listed(
            "cloudtrail_account_ids",
            variables,
            ACCOUNT,
            "no account id; an account id has 12 digits and is given in quotes",
        ),
        regions=_listed(
            "cloudtrail_regions",
            variables,
            REGION,
            "no region; a region is written like us-east-1",
        ),
        start=start,
        end=end,
        retention=int(retention),
        layout=layout,
        database=text("cloudtrail_source_schema")
        or os.environ.get("ATHENA_SCHEMA")
        or DEFAULT_SCHEMA,
        table=text("cloudtrail_source_table"),
    )


def _root(given: str) -> tuple[str, str]:
    """Return the bucket, and what stands above AWSLogs/ in its keys."""
    given = given or os.environ.get("CLOUDTRAIL_ROOT", "").strip()
    if not given:
        raise Stopped(
            "cloudtrail_root is not set; give the s3:// prefix above AWSLogs, as the"
            " variable cloudtrail_root or as CLOUDTRAIL_ROOT=s3://bucket."
        )
    root = re.sub(r"(?<!:)/+", "/", given).rstrip("/").removesuffix("/AWSLogs")
    found = re.fullmatch(
        r"s3://([A-Za-z0-9][A-Za-z0-9._-]+)(?:/(.*))?", root, re.DOTALL
    )
    if not found:
        raise Stopped(
            f"cloudtrail_root: {given} is no bucket; Athena needs s3://bucket or"
            " s3://bucket/prefix."
        )
    if re.search(r"[$\x00-\x1f\x7f]", root):
        raise Stopped(
            f"cloudtrail_root: {given} holds a $ or a control character, which a"
            " table's location cannot."
        )
    bucket, above = found[1], f"{found[2]}/" if found[2] else ""
    if "/AWSLogs/" in f"/{above}":
        raise Stopped(
            f"cloudtrail_root: {given} lies below AWSLogs; end it before AWSLogs and"
            " name the organization, accounts and regions by their variables."
        )
    return bucket, above


def _listed(
    name: str, variables: dict[str, Any], form: re.Pattern[str], otherwise: str
) -> tuple[str, ...]:
    """Return a variable's list without repetitions; a text is split at commas."""
    given = variables.get(name) or []
    if isinstance(given, str):
        given = given.split(",")
    if not isinstance(given, list):
        raise Stopped(f"{name} must be a list, it is {given}.")
    values = [str(value).strip() for value in given]
    for value in values:
        if not form.fullmatch(value):
            raise Stopped(f"{name}: {value} is {otherwise}.")
    return tuple(dict.fromkeys(values))
