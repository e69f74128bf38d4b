"""What folders of CloudTrail's log files a bucket holds.

They are found by listing prefixes with a delimiter. S3 then answers with the
names of folders, a thousand a call, however many files these hold; no listing
looks into the folder of a day. Years and months that are not read, or that the
table shows with all that is in them, are not opened.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple

import aws
from botocore.exceptions import ClientError
from local_dbt import Stopped
from source_settings import ACCOUNT, ORGANIZATION, REGION, Settings, Span

# Listings that take more than a few seconds.
MANY = 500


class Trail(NamedTuple):
    """The folder of one account and region."""

    # The prefix above the account: …AWSLogs/ or …AWSLogs/o-…/
    place: str
    account: str
    region: str

    @property
    def prefix(self) -> str:
        """The prefix above the years."""
        return f"{self.place}{self.account}/CloudTrail/{self.region}/"

    def prefix_of(self, day: date) -> str:
        """Return the prefix of a day's folder."""
        return f"{self.prefix}{day:%Y/%m/%d}/"


@dataclass
class Survey:
    """What was found."""

    trails: list[Trail] = field(default_factory=list)
    # The day folders of the days that are read, where they were looked for.
    days: dict[Trail, list[date]] = field(default_factory=dict)
    # Trails with a folder of the days that are read.
    current: set[Trail] = field(default_factory=set)
    # Years ("2025"), months ("2026/01") and days out of the days that are read.
    earlier: dict[Trail, list[str]] = field(default_factory=dict)
    later: dict[Trail, list[str]] = field(default_factory=dict)
    # Prefixes where CloudTrail would have an account, region, year, month, day.
    odd: list[str] = field(default_factory=list)


class Bucket:
    """Lists folders of a bucket."""

    def __init__(self, client: Any, name: str, say: Callable[[str], None]) -> None:
        """Take what is needed to list.

        Args:
            client: boto3's client of S3.
            name: the bucket's.
            say: prints what is being done, if it takes long.
        """
        self.client = client
        self.name = name
        self.say = say

    def below(self, prefixes: list[str]) -> list[list[str]]:
        """Return the prefixes of the folders below each of some prefixes."""
        if len(prefixes) > MANY:
            self.say(f"Looking into {len(prefixes):,} folders ...")
        with ThreadPoolExecutor(aws.THREADS) as pool:
            return list(pool.map(self.folders, prefixes))

    def folders(self, prefix: str) -> list[str]:
        """Return the prefixes of the folders that begin with a prefix.

        Raises:
            Stopped: the bucket cannot be listed.
        """
        pages = self.client.get_paginator("list_objects_v2").paginate(
            Bucket=self.name, Prefix=prefix, Delimiter="/"
        )
        with self._asking(prefix):
            return [name for page in pages for name in _prefixes(page)]

    def some_folders(self, prefix: str) -> list[str]:
        """Return the folders of the first page: files may stand between them."""
        with self._asking(prefix):
            page = self.client.list_objects_v2(
                Bucket=self.name, Prefix=prefix, Delimiter="/"
            )
        return _prefixes(page)

    @contextmanager
    def _asking(self, prefix: str) -> Iterator[None]:
        with aws.asking(
            f"the list of s3://{self.name}/{prefix}",
            f"s3:ListBucket on the bucket {self.name}",
        ):
            try:
                yield
            except ClientError as error:
                if error.response["Error"].get("Code") != "NoSuchBucket":
                    raise
                raise Stopped(
                    f"There is no bucket {self.name}: check cloudtrail_root."
                ) from error


def _prefixes(page: dict[str, Any]) -> list[str]:
    return [found["Prefix"] for found in page.get("CommonPrefixes", [])]


def survey(
    bucket: Bucket, settings: Settings, shows_all: Callable[[str], bool]
) -> Survey:
    """Find the folders at and below the root.

    Args:
        bucket: the one of the root.
        settings: the root, and the days that are read.
        shows_all: tells whether the table shows all that is below a prefix,
            which then is not looked into.

    Raises:
        Stopped: there are none, or the bucket cannot be listed.
    """
    found = Survey()
    _find_trails(bucket, settings, found)
    if not found.trails and not found.odd:
        raise Stopped(_nothing(bucket, settings))
    _find_days(bucket, settings.days, shows_all, found)
    return found


def _find_trails(bucket: Bucket, settings: Settings, found: Survey) -> None:
    # Control Tower's trail writes o-…/AWSLogs/o-…/<account>.
    above = [settings.above, *_organizations(bucket.folders(f"{settings.above}o-"))]
    in_logs = _joined(bucket.below([f"{prefix}AWSLogs/" for prefix in above]))
    organizations = _organizations(in_logs)
    accounts = [prefix for prefix in in_logs if prefix not in organizations]
    accounts += _joined(bucket.below(organizations))
    # Digests, Insights and other services' logs stand beside this folder.
    events = [f"{prefix}CloudTrail/" for prefix in accounts]
    for prefix, regions in zip(events, bucket.below(events), strict=True):
        place, account, _ = prefix.removesuffix("/").rsplit("/", 2)
        if not ACCOUNT.fullmatch(account):
            found.odd += [prefix] if regions else []
            continue
        for region in regions:
            if REGION.fullmatch(_name(region)):
                found.trails.append(Trail(f"{place}/", account, _name(region)))
            else:
                found.odd.append(region)


def _organizations(prefixes: list[str]) -> list[str]:
    return [prefix for prefix in prefixes if ORGANIZATION.fullmatch(_name(prefix))]


def _joined(lists: list[list[str]]) -> list[str]:
    return [item for items in lists for item in items]


def _name(prefix: str) -> str:
    """Return the last part of a prefix."""
    return prefix.removesuffix("/").rpartition("/")[2]


def _find_days(
    bucket: Bucket, days: Span, shows_all: Callable[[str], bool], found: Survey
) -> None:
    """Go down from the years to the days, all trails at once."""
    to_list = [(trail, trail.prefix) for trail in found.trails]
    while to_list:
        below = bucket.below([prefix for _, prefix in to_list])
        to_list = [
            (trail, prefix)
            for (trail, _), prefixes in zip(to_list, below, strict=True)
            for prefix in _to_open(trail, prefixes, days, found)
            if not shows_all(prefix)
        ]


def _to_open(
    trail: Trail,
    prefixes: list[str],
    days: Span,
    found: Survey,
) -> Iterator[str]:
    """Note a trail's years, months or days, and yield those to look into."""
    for prefix in prefixes:
        path = prefix.removeprefix(trail.prefix).removesuffix("/")
        span = span_of(path)
        if span is None:
            found.odd.append(prefix)
        elif span.last < days.first:
            found.earlier.setdefault(trail, []).append(path)
        elif span.first > days.last:
            found.later.setdefault(trail, []).append(path)
        else:
            found.current.add(trail)
            if span.first == span.last:
                found.days.setdefault(trail, []).append(span.first)
            else:
                yield prefix


def span_of(path: str) -> Span | None:
    """Return the days of a year, a month or a day; None if it is none.

    Args:
        path: like 2026, 2026/05 or 2026/05/01, and exactly so.
    """
    if not re.fullmatch(r"[12][0-9]{3}(/[0-9]{2}){0,2}", path):
        return None
    parts = path.split("/")
    try:
        first = date(*map(int, [*parts, "1", "1"][:3]))
    except ValueError:
        return None
    if len(parts) == 1:
        return Span(first, first.replace(month=12, day=31))
    if len(parts) == 2:
        length = calendar.monthrange(first.year, first.month)[1]
        return Span(first, first.replace(day=length))
    return Span(first, first)


def _nothing(bucket: Bucket, settings: Settings) -> str:
    """Return the sentence for a root without logs."""
    root = f"s3://{settings.bucket}/{settings.above}"
    names = [_name(prefix) for prefix in bucket.some_folders(settings.above)]
    if not names:
        return f"{root} holds no folder: check cloudtrail_root."
    if "AWSLogs" in names:
        return (
            f"{root}AWSLogs/ holds no folder of an account with CloudTrail's logs:"
            " check cloudtrail_root and where the trail delivers to."
        )
    listed = ", ".join(names[:5]) + (", …" if len(names) > 5 else "")
    return (
        f"{root} holds no folder AWSLogs, only {listed}: end cloudtrail_root at the"
        " folder that holds AWSLogs."
    )
