"""What the raw Athena table shows, as the Glue catalog describes it.

Each layout answers the same two questions: which accounts and regions the table
names, and whether it shows a trail's folders of some days.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Iterable
from datetime import date
from typing import Any, NamedTuple

import aws
from botocore.exceptions import ClientError
from local_dbt import Stopped
from log_folders import Trail, span_of
from source_settings import Settings, Span

_CREATE_ANEW = (
    "create it anew with dbt run-operation cloudtrail_create_table --target athena"
    " --args '{replace: true}'"
)
# A partition's or a projection's folder: the key above AWSLogs, then the rest.
_PLACE = r"(?P<place>(?:.*/)?AWSLogs/(?:o-[^/]+/)?)"
_TEMPLATE = re.compile(_PLACE + r"\$\{account\}/CloudTrail/\$\{region\}/\$\{day\}/")
_DAY_FOLDER = re.compile(
    _PLACE + r"(?P<account>[^/]+)/CloudTrail/(?P<region>[^/]+)/"
    r"(?P<path>(?P<year>[^/]+)/(?P<month>[^/]+)/(?P<day>[^/]+))/"
)
_PROJECTION = {
    "projection.account.type": "enum",
    "projection.region.type": "enum",
    "projection.day.type": "date",
    "projection.day.format": "yyyy/MM/dd",
    "projection.day.interval": "1",
    "projection.day.interval.unit": "DAYS",
}
_LISTS = ("projection.account.values", "projection.region.values")


class Table(ABC):
    """A table, as far as it shows folders."""

    # The accounts and regions that it names.
    accounts: frozenset[str] = frozenset()
    regions: frozenset[str] = frozenset()

    @abstractmethod
    def shows(self, trail: Trail, day: date) -> bool:
        """Tell whether the table shows the folder of a day."""

    def shows_all(self, prefix: str) -> bool:
        """Tell whether the table shows all that is below a prefix."""
        return False


class Projected(Table):
    """A table of the layout projected."""

    def __init__(self, parameters: dict[str, str], settings: Settings) -> None:
        """Read the projection.

        Args:
            parameters: the table's.
            settings: the bucket and place that the table must read.

        Raises:
            Stopped: it is not the one that cloudtrail_create_table writes.
        """
        wrong = [n for n, v in _PROJECTION.items() if parameters.get(n) != v]
        for name in [*wrong, *(n for n in _LISTS if n not in parameters)]:
            raise Stopped(_other_projection(name, parameters.get(name, "")))
        template = parameters.get("storage.location.template", "")
        found = _TEMPLATE.fullmatch(f"{template.rstrip('/')}/")
        if not found:
            raise Stopped(_other_projection("storage.location.template", template))
        if _key(found["place"], settings.bucket) != settings.place:
            raise Stopped(_elsewhere(template, settings))
        # White space is part of a value.
        self.accounts, self.regions = (
            frozenset(parameters[name].split(",")) for name in _LISTS
        )
        self.place = settings.place
        self.range = parameters.get("projection.day.range", "")
        self.days = _range(self.range)

    def shows(self, trail: Trail, day: date) -> bool:
        """Tell whether the lists and the range hold it."""
        return (
            trail.place == self.place
            and trail.account in self.accounts
            and trail.region in self.regions
            and self.days.holds(day)
        )


class Partitioned(Table):
    """A table of the layout partitioned."""

    class Key(NamedTuple):
        """A day's folder that a partition shows."""

        trail: Trail
        day: date

    def __init__(
        self, partitions: Iterable[dict[str, Any]], columns: list[str], bucket: str
    ) -> None:
        """Read the partitions.

        Args:
            partitions: as Glue gives them.
            columns: the partition columns, in the order of the values.
            bucket: where the logs are.
        """
        self.keys: set[Partitioned.Key] = set()
        # Partitions whose folder is not the one that their values say.
        self.misplaced: list[str] = []
        for partition in partitions:
            values = dict(zip(columns, partition["Values"], strict=True))
            location = partition.get("StorageDescriptor", {}).get("Location", "")
            key = self._key(values, _key(location, bucket) or "")
            if key:
                self.keys.add(key)
            else:
                said = ", ".join(f"{name}={value}" for name, value in values.items())
                self.misplaced.append(f"{said}: {location}")
        self.accounts = frozenset(key.trail.account for key in self.keys)
        self.regions = frozenset(key.trail.region for key in self.keys)

    def _key(self, values: dict[str, str], prefix: str) -> Key | None:
        found = _DAY_FOLDER.fullmatch(prefix)
        if not found or any(found[name] != value for name, value in values.items()):
            return None
        span = span_of(found["path"])
        if not span:
            return None
        trail = Trail(found["place"], found["account"], found["region"])
        return self.Key(trail, span.first)

    def shows(self, trail: Trail, day: date) -> bool:
        """Tell whether it has its partition."""
        return (trail, day) in self.keys


class Unpartitioned(Table):
    """A table of the layout unpartitioned: it reads all below its location."""

    def __init__(self, location: str, settings: Settings) -> None:
        """Read the location.

        Args:
            location: the table's.
            settings: the bucket and place that the table must read.

        Raises:
            Stopped: it lies beside the place.
        """
        prefix = _key(location, settings.bucket)
        if prefix is None or not (
            prefix.startswith(settings.place) or settings.place.startswith(prefix)
        ):
            raise Stopped(_elsewhere(location, settings))
        self.prefix = prefix

    def shows(self, trail: Trail, day: date) -> bool:
        """Tell whether it lies below the location."""
        return self.shows_all(trail.prefix_of(day))

    def shows_all(self, prefix: str) -> bool:
        """Tell whether the prefix lies below the location."""
        return prefix.startswith(self.prefix)


def read(glue: Any, settings: Settings) -> Table:
    """Read the table from the Glue catalog.

    Args:
        glue: boto3's client of Glue.
        settings: its name, and what it must be like.

    Raises:
        Stopped: it is not there, or not like that.
    """
    table = _description(glue, settings)
    location = table.get("StorageDescriptor", {}).get("Location", "")
    if not location:
        raise Stopped(
            f"{_name(settings)} is no table over files: set cloudtrail_source_schema"
            " and cloudtrail_source_table to the one that cloudtrail_create_table"
            " made."
        )
    parameters = table.get("Parameters", {})
    columns = [column["Name"] for column in table.get("PartitionKeys", [])]
    _check_layout(columns, parameters, settings)
    if settings.layout == "projected":
        return Projected(parameters, settings)
    if settings.layout == "partitioned":
        return Partitioned(_partitions(glue, settings), columns, settings.bucket)
    return Unpartitioned(location, settings)


def _name(settings: Settings) -> str:
    return f"{settings.database}.{settings.table}"


def _description(glue: Any, settings: Settings) -> dict[str, Any]:
    with aws.asking(f"the table {_name(settings)}", "glue:GetTable"):
        try:
            return glue.get_table(DatabaseName=settings.database, Name=settings.table)[
                "Table"
            ]
        except ClientError as error:
            if not _is_missing(error):
                raise
    region = glue.meta.region_name
    with aws.asking(f"the database {settings.database}", "glue:GetDatabase"):
        try:
            glue.get_database(Name=settings.database)
        except ClientError as error:
            if not _is_missing(error):
                raise
            raise Stopped(
                f"There is no database {settings.database} in the Glue catalog of"
                f" {region}: check AWS_REGION, ATHENA_SCHEMA and"
                " cloudtrail_source_schema, or create the table with"
                " dbt run-operation cloudtrail_create_table --target athena."
            ) from error
    raise Stopped(
        f"There is no table {_name(settings)} in the Glue catalog of {region}: check"
        " AWS_REGION, ATHENA_SCHEMA and cloudtrail_source_table, or create it with"
        " dbt run-operation cloudtrail_create_table --target athena."
    )


def _is_missing(error: ClientError) -> bool:
    return error.response["Error"].get("Code") == "EntityNotFoundException"


def _partitions(glue: Any, settings: Settings) -> list[dict[str, Any]]:
    pages = glue.get_paginator("get_partitions").paginate(
        DatabaseName=settings.database,
        TableName=settings.table,
        ExcludeColumnSchema=True,
    )
    with aws.asking(f"the partitions of {_name(settings)}", "glue:GetPartitions"):
        return [partition for page in pages for partition in page.get("Partitions", [])]


def _check_layout(
    columns: list[str], parameters: dict[str, str], settings: Settings
) -> None:
    """Compare what the table is with what the variables mean.

    Raises:
        Stopped: it is something else.
    """
    is_projected = parameters.get("projection.enabled", "").strip().lower() == "true"
    layout = (
        "unpartitioned"
        if not columns
        else "projected"
        if is_projected
        else "partitioned"
    )
    if layout != settings.layout:
        raise Stopped(
            f"The table {_name(settings)} is {layout}, while cloudtrail_layout is"
            f" {settings.layout}: set the variable to {layout}, or {_CREATE_ANEW}."
        )
    if columns != list(settings.columns):
        raise Stopped(
            f"The table {_name(settings)} is partitioned by {', '.join(columns)},"
            f" while {len(settings.accounts)} accounts in cloudtrail_account_ids mean"
            f" {', '.join(settings.columns)}: list the accounts that it was made for,"
            f" or {_CREATE_ANEW}."
        )


def _key(location: str, bucket: str) -> str | None:
    """Return the prefix of keys that a location means; None in another bucket."""
    found = re.fullmatch(r"s3[an]?://([^/]+)/?(.*)", location, re.DOTALL)
    if not found or found[1] != bucket:
        return None
    return f"{found[2].rstrip('/')}/" if found[2] else ""


def _range(text: str) -> Span:
    """Return the days of projection.day.range; NOW has no end.

    Raises:
        Stopped: it is of another form.
    """
    first, _, last = text.partition(",")
    start = span_of(first.strip())
    end = Span(date.max, date.max) if last.strip() == "NOW" else span_of(last.strip())
    if not start or not end:
        raise Stopped(_other_projection("projection.day.range", text))
    return Span(start.first, end.last)


def _other_projection(name: str, value: str) -> str:
    return (
        f"The table's {name} is {value or 'not set'}, which is not what"
        f" cloudtrail_create_table writes, so that what it shows is not known:"
        f" {_CREATE_ANEW}."
    )


def _elsewhere(location: str, settings: Settings) -> str:
    return (
        f"The table reads {location}, while cloudtrail_root and"
        f" cloudtrail_organization_id mean s3://{settings.bucket}/{settings.place}:"
        f" set them to what it reads, or {_CREATE_ANEW}."
    )
