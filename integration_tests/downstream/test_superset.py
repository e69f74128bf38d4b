"""The dashboards in a real Superset, seen through a browser, on both engines.

What each chart shows is counted anew here, from the requests themselves.
"""

from __future__ import annotations

import io
import json
import os
import re
import shutil
import socket
import subprocess
import urllib.request
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timezone
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import duckdb
import pytest
import superset_bundle
import yaml
from browser import Browser, Window
from driver import PROJECT
from lake import RESULTS, Lake
from superset_dashboards import DASHBOARDS, Dashboard
from superset_import import Superset, archive, duckdb_uri
from superset_server import PROGRAMS, USER, Server

from local_athena.stack import ACCESS_KEY, REGION

IMAGES = PROJECT / "docs" / "images"
Rows = list[dict[str, Any]]


@dataclass(frozen=True)
class Scope:
    """What the filters of a dashboard are set to."""

    first: str | None = None
    before: str | None = None
    account: str | None = None
    region: str | None = None
    bucket: str | None = None

    def sql(
        self, day: str | None, account: str = "account_id", bucket: str = ""
    ) -> str:
        """Return the condition for a table.

        Args:
            day: its column of days, none if it has none.
            account: its column of accounts.
            bucket: its column of buckets, empty if it has none.
        """
        parts = ["true"]
        if day and self.first:
            parts.append(f"{day} >= date '{self.first}' and {day} < '{self.before}'")
        if self.account:
            parts.append(f"{account} = '{self.account}'")
        if self.region:
            parts.append(f"aws_region = '{self.region}'")
        if bucket and self.bucket:
            parts.append(f"{bucket} = '{self.bucket}'")
        return " and ".join(parts)

    def address(self, slug: str) -> str:
        """Return the part of a dashboard's address that sets its filters."""
        given: dict[str, Any] = {}

        def put(name: str, form: Any, value: Any) -> None:
            key = f"NATIVE_FILTER-{slug}-{name}"
            given[key] = {
                "id": key,
                "extraFormData": form,
                "filterState": {"value": value},
                "ownState": {},
            }

        if self.first:
            span = f"{self.first} : {self.before}"
            put("time", {"time_range": span}, span)
        columns = {
            "account": ("account_id", self.account),
            "region": ("aws_region", self.region),
            "bucket": ("bucket_name", self.bucket),
        }
        for name, (column, value) in columns.items():
            if value:
                condition = {"col": column, "op": "IN", "val": [value]}
                put(name, {"filters": [condition]}, [value])
        return f"?native_filters={quote(rison(given))}" if given else ""


def rison(value: Any) -> str:
    """Return a value as Superset has it in addresses."""
    if isinstance(value, dict):
        return "(" + ",".join(f"{rison(k)}:{rison(v)}" for k, v in value.items()) + ")"
    if isinstance(value, list):
        return "!(" + ",".join(map(rison, value)) + ")"
    return "'" + str(value).replace("!", "!!").replace("'", "!'") + "'"


ALL = Scope()
MAY = Scope(first="2026-05-01", before="2026-05-17")
SCOPES = {
    "all": ALL,
    "time": Scope(first="2026-05-04", before="2026-05-12"),
    "account": Scope(account="444455556666"),
    "region": Scope(region="us-east-1"),
    "bucket": Scope(bucket="harbor-shared"),
}
EACH = Scope("2026-05-02", "2026-05-15", "111122223333", "eu-west-1", "harbor-backups")

# What each chart must show, counted from one row per request.

METRICS = {
    "requests": "count(*)",
    "requesters": "count(distinct requester)",
    "buckets": "count(distinct bucket_name)",
    "bytes_to_s3": "coalesce(sum(bytes_in), 0)",
    "bytes_from_s3": "coalesce(sum(bytes_out), 0)",
    "sigv2_requests": "count(*) filter (where signature_version = 'SigV2')",
    "sigv2_share": "count(*) filter (where signature_version = 'SigV2')"
    " / nullif(count(signature_version), 0)",
    "reads": "count(*) filter (where operation_class = 'read')",
    "lists": "count(*) filter (where operation_class = 'list')",
    "writes": "count(*) filter (where operation_class = 'write')",
    "deletes": "count(*) filter (where operation_class = 'delete')",
    "succeeded": "count(*) filter (where error_code is null)",
    "failed": "count(*) filter (where error_code is not null and not is_denied)",
    "denied": "count(*) filter (where is_denied)",
    "denied_share": "count(*) filter (where is_denied) / nullif(count(*), 0)",
    "last_seen": "max(event_at)",
    "days_delivered": "count(distinct event_date) filter (where is_delivered)",
    "days_missing": "count(distinct event_date) filter (where is_gap)",
    "covered_buckets": "count(distinct bucket_name)",
    "unmonitored_buckets": "count(distinct bucket_name) filter (not is_monitored)",
    "days_with_data": "count(*) filter (where has_data_events)",
    "days_quiet": "count(*) filter (where is_delivered and not has_data_events)",
    "days_gap": "count(*) filter (where is_gap)",
    "management_events": "sum(management_event_count)",
    "data_events": "sum(data_event_count)",
    "first_day": "min(event_date)",
    "last_day": "max(event_date)",
    "last_data_event": "max(last_data_event_at)",
    "log_files": "count(*)",
    "records": "sum(s3_record_count)",
    "counted": "sum(request_count)",
    "copies": "sum(duplicate_count)",
    "unplaceable": "sum(unplaceable_count)",
}
SIGV2 = "signature_version = 'SigV2'"
OBJECT = "resource_level = 'object'"
COVERAGE = "fct_s3_coverage_daily"
FILES = "fct_cloudtrail_log_files"


@dataclass(frozen=True)
class Shown:
    """What a chart must show.

    Attributes:
        metrics: the numbers.
        by: what they are counted by.
        where: a condition.
        table: where they are counted.
    """

    metrics: str
    by: str = ""
    where: str = "true"
    table: str = "fct_s3_requests"

    def expected(self, scope: Scope) -> str:
        """Return the query of the numbers."""
        day = "log_date" if self.table == FILES else "event_date"
        bucket = "" if self.table == FILES else "bucket_name"
        where = f"{self.where} and {scope.sql(day, bucket=bucket)}"
        if self.table == "fct_s3_requests":
            where += " and not is_companion"
        by = [f'{column} as "{column}"' for column in self.by.split()]
        named = [f"{METRICS[name]} as {name}" for name in self.metrics.split()]
        group = "group by all" if by else ""
        return (
            f"select {', '.join([*by, *named])} from {self.table} where {where} {group}"
        )


# Rows of tables that hold the state of all days: no filter of time.
STATE = {
    "Can SigV2 be denied? (all days)": """
        select
            bucket_name, verdict, verdict_reason, breaking_request_count,
            breaking_requester_count, last_breaking_at, covered_day_count,
            top_requester
        from fct_s3_enforcement_readiness
        where control = 'deny_sigv2' and {scope}
    """,
    "Why access is denied, and what to do (all days)": """
        select
            requester, bucket_name, denial_source, request_count, last_seen_at, advice
        from fct_s3_denied_access
        left join (
            select bucket_name, bucket_account_id, aws_region from dim_s3_buckets
        ) using (bucket_name)
        where {scope}
    """,
}
SHOWN = {
    "SigV2 requests": Shown("sigv2_requests"),
    "SigV2 share": Shown("sigv2_share"),
    "SigV2 requesters": Shown("requesters", where=SIGV2),
    "Buckets with SigV2": Shown("buckets", where=SIGV2),
    "SigV2 requests by day and where the signature stands": Shown(
        "requests", "event_date authentication_method", SIGV2
    ),
    "SigV2 share by day": Shown("sigv2_share", "event_date"),
    "SigV2 requesters and what to do": Shown(
        "requests buckets last_seen", "requester", SIGV2
    ),
    "SigV2 requests by bucket": Shown("requests", "bucket_name", SIGV2),
    "Clients that sign with SigV2": Shown(
        "requests last_seen", "client_name client_version", SIGV2
    ),
    "Object requests": Shown("requests", where=OBJECT),
    "Object requesters": Shown("requesters", where=OBJECT),
    "Object bytes out": Shown("bytes_from_s3", where=OBJECT),
    "Object bytes in": Shown("bytes_to_s3", where=OBJECT),
    "Object requests by day and class of action": Shown(
        "requests", "event_date operation_class", OBJECT
    ),
    "Objects by bucket": Shown(
        "requests reads lists writes deletes denied requesters bytes_to_s3"
        " bytes_from_s3 last_seen",
        "bucket_name",
        OBJECT,
    ),
    "Actions on objects": Shown("requests", "event_name", OBJECT),
    "Object requests by bucket": Shown(
        "reads lists writes deletes", "bucket_name", OBJECT
    ),
    "Objects by requester": Shown(
        "requests reads writes deletes denied buckets bytes_to_s3 bytes_from_s3"
        " last_seen",
        "requester",
        OBJECT,
    ),
    "Anonymous": Shown("requests", where="is_anonymous"),
    "Let in": Shown("succeeded", where="is_anonymous"),
    "Denied requests": Shown("denied"),
    "Denied share": Shown("denied_share"),
    "Anonymous requests by day": Shown(
        "succeeded denied failed", "event_date", "is_anonymous"
    ),
    "Denied requests by day and error": Shown(
        "denied", "event_date error_code", "is_denied"
    ),
    "Anonymous access by bucket": Shown(
        "requests succeeded denied failed bytes_from_s3 last_seen",
        "bucket_name event_name",
        "is_anonymous",
    ),
    "Denied requests by requester": Shown(
        "denied last_seen", "requester bucket_name event_name error_code", "is_denied"
    ),
    "Days with logs": Shown("days_delivered", table=COVERAGE),
    "Days with gaps": Shown("days_missing", table=COVERAGE),
    "Buckets seen": Shown("covered_buckets", table=COVERAGE),
    "Unmonitored": Shown("unmonitored_buckets", table=COVERAGE),
    "Bucket-days by day": Shown(
        "days_with_data days_quiet days_gap", "event_date", table=COVERAGE
    ),
    "S3 records by log day": Shown(
        "counted copies unplaceable", "log_date", "log_date > '1970-01-01'", FILES
    ),
    "Coverage by bucket": Shown(
        "days_with_data days_quiet days_gap data_events management_events first_day"
        " last_day last_data_event",
        "account_id aws_region bucket_name",
        table=COVERAGE,
    ),
    "Requests by day and class": Shown("requests", "event_date event_category"),
    "Bytes by day (logarithmic)": Shown("bytes_from_s3 bytes_to_s3", "event_date"),
    "Requests and bytes by bucket": Shown(
        "requests reads lists writes bytes_from_s3 bytes_to_s3",
        "account_id aws_region bucket_name",
    ),
    "Log files by account and region": Shown(
        "log_files records counted copies unplaceable",
        "account_id aws_region",
        table=FILES,
    ),
}
RANKED = 12


def plain(value: Any) -> Any:
    """Return a value in the form in which an answer holds it."""
    if isinstance(value, datetime):
        value = value.replace(tzinfo=timezone.utc).timestamp() * 1000
    elif isinstance(value, date):
        day = datetime(value.year, value.month, value.day, tzinfo=timezone.utc)
        value = day.timestamp() * 1000
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return float(f"{float(value):.9g}")
    return value


def expected_rows(marts: Path, title: str, scope: Scope) -> Rows:
    """Return what a chart must show, counted on DuckDB."""
    if title in STATE:
        condition = scope.sql(None, "bucket_account_id", "bucket_name")
        query = STATE[title].format(scope=condition)
    else:
        query = SHOWN[title].expected(scope)
    with duckdb.connect(str(marts), read_only=True) as connection:
        cursor = connection.execute(query)
        names = [column[0] for column in cursor.description or []]
        found = cursor.fetchall()
    return [dict(zip(names, map(plain, row), strict=True)) for row in found]


def as_set(rows: Rows) -> list[str]:
    """Return rows in an order of their own."""
    return sorted(json.dumps(row, sort_keys=True) for row in rows)


def compare(title: str, got: Rows, expected: Rows) -> None:
    """Compare what a chart was sent with what it must show."""
    shown = SHOWN.get(title)
    got = [{name: plain(value) for name, value in row.items()} for row in got]
    day = next((c for c in ("event_date", "log_date") if got and c in got[0]), None)
    if shown and day:
        # A column a series, and a value where there is one.
        series = [name for name in shown.by.split() if name != day]
        points = {
            (row[day], str(name)): value
            for row in got
            for name, value in row.items()
            if name != day and value is not None
        }
        wanted: dict[Any, Any] = {}
        for row in expected:
            for metric in shown.metrics.split():
                name = row[series[0]] if series else metric
                name = "<NULL>" if name is None else str(name)
                if row[metric] is not None:
                    wanted[row[day], name] = row[metric]
        assert points == wanted, title
        return
    if shown and title != "SigV2 requesters and what to do":
        names = [*shown.by.split(), *shown.metrics.split()]
        assert all(sorted(row) == sorted(names) for row in got), title
    if title == "SigV2 requesters and what to do":
        assert all(row.pop("remedy") and row.pop("requester_kind") for row in got)
    if title in RANKINGS and len(expected) > RANKED:
        # Of equal ones any.
        assert len(got) == RANKED
        assert set(as_set(got)) <= set(as_set(expected)), title
        metric = shown.metrics.split()[0] if shown else ""
        if shown and len(shown.metrics.split()) == 1:
            best = sorted((row[metric] for row in expected), reverse=True)[:RANKED]
            assert sorted((row[metric] for row in got), reverse=True) == best, title
        return
    assert as_set(got) == as_set(expected), title


RANKINGS = [
    chart.title
    for dashboard in DASHBOARDS
    for chart in dashboard.charts
    if chart.params.get("orientation") == "horizontal"
]

# The browser


@dataclass
class Seen:
    """What a dashboard showed.

    Attributes:
        rows: what each chart was sent.
        failed: answers that were no success.
        texts: what each chart has to read.
        ink: for each canvas of a chart whether anything is drawn on it.
    """

    rows: dict[str, Rows] = field(default_factory=dict)
    failed: list[str] = field(default_factory=list)
    texts: dict[str, str] = field(default_factory=dict)
    ink: dict[str, bool] = field(default_factory=dict)


LOOK = """
(id) => {
    const holder = document.querySelector(`[data-test-chart-id="${id}"]`);
    if (!holder) return null;
    const drawn = (canvas) => {
        const {width, height} = canvas;
        const data = canvas.getContext("2d").getImageData(0, 0, width, height).data;
        return new Set(new Uint32Array(data.buffer)).size > 3;
    };
    return {
        text: holder.innerText,
        ink: [...holder.querySelectorAll("canvas")].some(drawn),
        rows: holder.querySelectorAll("tbody tr").length,
        number: holder.querySelector(".header-line")?.innerText ?? "",
        trouble: Boolean(holder.querySelector(
            '[data-test="error"], .ant-alert-error, .ant-empty, .chart-error'
        )),
    };
}
"""


BOTTOM = """
() => Math.ceil(24 + Math.max(
    ...[...document.querySelectorAll(".dashboard-component-chart-holder")].map(
        (part) => part.getBoundingClientRect().bottom
    )
))
"""


class Viewer:
    """Someone who is logged in and looks at dashboards."""

    def __init__(self, window: Window, superset: Superset) -> None:
        """Log in."""
        self.window = window
        self.page = window.page
        self.superset = superset
        self.page.set_default_timeout(180_000)
        self.page.on("response", self._note)
        self.answers: list[Any] = []
        self.page.goto(f"{superset.address}/login/")
        self.page.fill("#username", USER)
        self.page.fill("#password", PASSWORD[superset.address])
        self.page.keyboard.press("Enter")
        self.page.wait_for_url("**/superset/welcome/**")

    def _note(self, response: Any) -> None:
        if "/api/v1/chart/data" in response.url:
            self.answers.append(response)

    def titles(self) -> dict[int, str]:
        """Return the titles of all charts by their number."""
        told = self.superset.ask("/api/v1/chart/?q=(page_size:100)")["result"]
        return {chart["id"]: chart["slice_name"] for chart in told}

    def open(self, dashboard: Dashboard, scope: Scope) -> Seen:
        """Open a dashboard and wait until all of it is there."""
        # What is on its way for the page before is not for this one.
        self.page.goto("about:blank")
        self.answers.clear()
        place = f"{self.superset.address}/superset/dashboard/{dashboard.slug}/"
        self.page.goto(place + scope.address(dashboard.slug))
        return self.read(dashboard)

    def read(self, dashboard: Dashboard) -> Seen:
        """Wait until all charts have been answered, and look at them."""
        titles = self.titles()
        numbers = {title: number for number, title in titles.items()}
        wanted = {chart.title for chart in dashboard.charts}
        seen = Seen()
        while wanted - set(seen.rows) and not seen.failed:
            self.page.wait_for_timeout(200)
            while self.answers:
                response = self.answers.pop(0)
                if response.status != 200:
                    seen.failed.append(f"{response.status} {response.text()}")
                    continue
                slice_id = response.request.post_data_json["form_data"].get("slice_id")
                if slice_id not in titles:
                    # The values that a filter offers.
                    continue
                for result in response.json()["result"]:
                    if result["error"] or result["rejected_filters"]:
                        seen.failed.append(json.dumps(result))
                    seen.rows[titles[slice_id]] = result["data"]
        for chart in dashboard.charts:
            self._look(seen, chart.title, numbers[chart.title])
        return seen

    def picture(self, place: Path) -> None:
        """Write a picture of what the window shows, small for its few colours."""
        self.page.mouse.move(5, 5)
        # Bars grow for a second.
        self.page.wait_for_timeout(3000)
        bottom = self.page.evaluate(BOTTOM)
        clip = {"x": 0, "y": 0, "width": 1440, "height": bottom}
        file = place.with_suffix(".png")
        file.parent.mkdir(exist_ok=True)
        self.page.screenshot(path=str(file), clip=clip)
        code = (
            "import sys; from PIL import Image; image = Image.open(sys.argv[1])"
            "; image = image.convert('RGB').quantize(256, dither=0)"
            "; image.save(sys.argv[1], optimize=True)"
        )
        subprocess.run([PROGRAMS / "python", "-c", code, file], check=True)

    def _look(self, seen: Seen, title: str, number: int) -> None:
        """Look at a chart until it shows something."""
        if not seen.rows.get(title):
            return
        looked: Any = None
        for _ in range(300):
            looked = self.page.evaluate(LOOK, number)
            if looked and (looked["ink"] or looked["rows"] or looked["number"]):
                break
            self.page.wait_for_timeout(200)
        assert looked and not looked["trouble"], (title, looked)
        assert looked["ink"] or looked["rows"] or looked["number"], (title, looked)
        assert title in looked["text"], (title, looked)
        seen.texts[title] = looked["text"]
        seen.ink[title] = looked["ink"]


PASSWORD: dict[str, str] = {}


@pytest.fixture(scope="module")
def superset(
    programs: Callable[..., Path], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Superset]:
    """Return a running Superset without any dashboard."""
    programs("superset")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    server = Server(tmp_path_factory.mktemp("superset"), port)
    server.prepare()
    PASSWORD[server.address] = server.password
    with server.running() as running:
        yield running


@pytest.fixture(scope="module")
def viewer(browser: Browser, superset: Superset) -> Iterator[Viewer]:
    """Return someone who looks at dashboards, in a window that shows all of one."""
    with browser.page(viewport={"width": 1440, "height": 3000}) as window:
        yield Viewer(window, superset)


class Shelf:
    """Which database the dashboards show now."""

    def __init__(self, superset: Superset) -> None:
        """Begin with none."""
        self.superset = superset
        self.uri = ""

    def show(self, uri: str) -> None:
        """Have the dashboards show a database."""
        if uri != self.uri:
            self.superset.upload(archive(uri))
            self.uri = uri


@pytest.fixture(scope="module")
def shelf(superset: Superset) -> Shelf:
    """Return what remembers the database that the dashboards show."""
    return Shelf(superset)


@pytest.fixture
def on_duckdb(shelf: Shelf, marts: Path) -> None:
    """Have the dashboards show the tables on DuckDB."""
    shelf.show(duckdb_uri(marts))


def each_dashboard() -> Any:
    """Return the decorator that runs a test for each dashboard."""
    return pytest.mark.parametrize("dashboard", DASHBOARDS, ids=lambda d: d.slug)


def exported(superset: Superset) -> dict[str, Any]:
    """Return all that Superset holds, as it exports it."""
    place = f"{superset.address}/api/v1/assets/export/"
    request = urllib.request.Request(place, headers=superset.headers)
    content = superset.opener.open(request).read()
    with zipfile.ZipFile(io.BytesIO(content)) as bundle:
        return {
            name.partition("/")[2]: yaml.safe_load(bundle.read(name))
            for name in bundle.namelist()
            if not name.endswith("metadata.yaml")
        }


@each_dashboard()
def test_every_chart_shows_the_numbers_of_the_requests(
    dashboard: Dashboard, on_duckdb: None, viewer: Viewer, marts: Path
) -> None:
    unfiltered: dict[str, Rows] = {}
    for name, scope in SCOPES.items():
        seen = viewer.open(dashboard, scope)
        assert seen.failed == []
        for chart in dashboard.charts:
            rows = expected_rows(marts, chart.title, scope)
            compare(chart.title, seen.rows[chart.title], rows)
            if name == "all":
                # As it stands in the samples, none is empty.
                assert seen.texts[chart.title]
                if (
                    chart.params.get("y_axis_format") == ",d"
                    and "metric" in chart.params
                ):
                    (value,) = rows[0].values()
                    assert f"\n{value:,.0f}" in seen.texts[chart.title]
                unfiltered[chart.title] = seen.rows[chart.title]
        assert (seen.rows == unfiltered) == (name == "all"), name
    if os.environ.get("SUPERSET_SCREENSHOTS"):
        viewer.open(dashboard, MAY)
        viewer.picture(IMAGES / dashboard.slug.replace("cloudtrail-s3", "superset"))
    # Nobody else was asked: what Superset's page tries is refused by its own policy.
    assert viewer.window.refused == []
    pixel = re.compile("apachesuperset.gateway.scarf.sh.*Content Security Policy")
    assert [text for text in viewer.window.errors if not pixel.search(text)] == []


@each_dashboard()
def test_the_same_numbers_come_from_athena(
    dashboard: Dashboard,
    shelf: Shelf,
    viewer: Viewer,
    marts: Path,
    athena_marts: Lake,
) -> None:
    shelf.show(athena_uri(athena_marts))
    for scope in (ALL, EACH):
        seen = viewer.open(dashboard, scope)
        assert seen.failed == []
        for chart in dashboard.charts:
            rows = expected_rows(marts, chart.title, scope)
            compare(chart.title, seen.rows[chart.title], rows)
    assert viewer.window.refused == []


def athena_uri(lake: Lake) -> str:
    """Return the URI of the tables on the local Athena."""
    given = {
        "s3_staging_dir": f"{RESULTS}/superset/",
        "endpoint_url": lake.local.endpoint,
        "poll_interval": "0.05",
    }
    return (
        f"awsathena+rest://{ACCESS_KEY}:{ACCESS_KEY}@athena.{REGION}.amazonaws.com:443"
        f"/{lake.schema}?{urlencode(given)}"
    )


def test_a_second_import_changes_nothing(
    on_duckdb: None, superset: Superset, marts: Path
) -> None:
    before = exported(superset)
    superset.upload(archive(duckdb_uri(marts)))
    after = exported(superset)
    assert after == before
    kinds = [name.partition("/")[0] for name in after]
    bundle = [name.partition("/")[0] for name in superset_bundle.bundle()]
    for kind in ("databases", "datasets", "charts", "dashboards"):
        assert kinds.count(kind) == bundle.count(kind), kind


def test_superset_leaves_the_file_to_dbt_between_queries(
    on_duckdb: None, viewer: Viewer, marts: Path
) -> None:
    viewer.open(DASHBOARDS[0], ALL)
    # Refused while anyone has the file open.
    with duckdb.connect(str(marts)) as connection:
        assert connection.execute("select 1").fetchall() == [(1,)]


HOSTILE = "<img src=x onerror='window.caught = 1'>\"; drop--\n{{ 7 * 7 }}=1+1"


def test_a_hostile_bucket_is_text_in_tables_and_filters(
    shelf: Shelf, viewer: Viewer, marts: Path, tmp_path: Path
) -> None:
    copy = tmp_path / "hostile # 100%.duckdb"
    shutil.copy(marts, copy)
    with duckdb.connect(str(copy)) as connection:
        connection.execute(
            "update fct_s3_activity_daily set bucket_name = ?"
            " where bucket_name = 'harbor-backups'",
            [HOSTILE],
        )
    shelf.show(duckdb_uri(copy))
    dashboard = next(d for d in DASHBOARDS if d.slug == "cloudtrail-s3-objects")
    seen = viewer.open(dashboard, ALL)
    # Superset's tables leave out attributes of what looks like HTML.
    shown = seen.texts["Objects by bucket"]
    assert "<img src" in shown and "drop-- {{ 7 * 7 }}=1+1" in shown, shown
    # As a user sets it: looked for, chosen, applied.
    page = viewer.page
    viewer.answers.clear()
    box = page.get_by_role("combobox", name="Bucket")
    box.click()
    box.fill("<img src=x")
    page.locator(".ant-select-item-option", has_text="onerror").click()
    page.keyboard.press("Escape")
    page.locator('[data-test="filter-bar__apply-button"]').click()
    chosen = viewer.read(dashboard)
    assert chosen.failed == []
    for chart in dashboard.charts:
        harmless = Scope(bucket="harbor-backups")
        rows = expected_rows(marts, chart.title, harmless)
        for row in rows:
            if "bucket_name" in row:
                row["bucket_name"] = HOSTILE
        compare(chart.title, chosen.rows[chart.title], rows)
    assert chosen.rows != seen.rows
    assert page.locator('img[src="x"]').count() == 0
    assert page.evaluate("window.caught") is None
