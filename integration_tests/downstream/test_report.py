"""The report in a real browser: its numbers, its looks, and logs that attack it."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import hostile
import pytest
from browser import Browser, Window
from driver import PROJECT, Run, Warehouse
from lake import Lake
from report_page.charts import unlike
from report_page.page import page
from sentences import printable

SECTIONS = [
    *("findings", "readiness", "burn-down", "requesters", "anonymous", "objects"),
    *("denied", "coverage"),
]
PHONE = {"viewport": {"width": 390, "height": 844}}
# The sections' charts that stand once on the page, by what is drawn in them.
MARKS = "svg.wide .role-mark title"


def data_of(run: Run) -> dict[str, Any]:
    """Return what the operation printed."""
    assert run.success, run.error
    lines = [json.loads(line) for line in run.printed]
    return {line["section"]: line.get("rows", line) for line in lines}


def write_report(warehouse: Warehouse, file: Path) -> Path:
    """Write the report on a database."""
    data = data_of(warehouse.operation("cloudtrail_report_data"))
    file.write_text(page(data), "utf-8")
    return file


@pytest.fixture(scope="module")
def data(warehouse: Warehouse) -> dict[str, Any]:
    """Return the rows of the report on the sample logs."""
    return data_of(warehouse.operation("cloudtrail_report_data"))


@pytest.fixture(scope="module")
def report(data: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the report on the sample logs."""
    file = tmp_path_factory.mktemp("report") / "report.html"
    file.write_text(page(data), "utf-8")
    return file


@pytest.fixture(scope="module")
def window(browser: Browser, report: Path) -> Iterator[Window]:
    """Return the report, opened as a file."""
    with browser.page(viewport={"width": 1000, "height": 900}) as opened:
        opened.page.goto(report.as_uri())
        yield opened


def texts_of(window: Window, table: str) -> list[list[str]]:
    """Return the cells of a table's rows, as they are read."""
    return window.page.locator(f"#{table} tbody tr").evaluate_all(
        "rows => rows.map(row => [...row.children].map(cell =>"
        " [...cell.childNodes].map(node => node.textContent).join('')))"
    )


def number(text: str) -> int:
    """Return a number that has commas."""
    return int(text.replace(",", ""))


def count_of_marks(window: Window, section: str) -> int:
    """Return how many marks the chart of a section has."""
    return window.page.locator(f"#{section} {MARKS}").count()


# What it says


def test_it_is_complete_and_asks_for_nothing(window: Window) -> None:
    page = window.page
    assert page.locator("section").evaluate_all("s => s.map(x => x.id)") == SECTIONS
    for section in SECTIONS:
        title = page.locator(f"#{section} > .title").inner_text()
        assert re.fullmatch(r"[A-Z0-9].*\.", title), section
        chart = page.locator(f"#{section} svg.wide")
        assert chart.get_attribute("role") == "img"
        assert chart.get_attribute("aria-label") == title
        assert page.locator(f"#{section} figcaption").inner_text()
        tables = page.locator(f"#{section} table")
        assert tables.count() >= 1
        for at in range(tables.count()):
            table = tables.nth(at)
            assert table.locator("caption").count() == 1
            assert table.locator("thead th:not([scope=col])").count() == 0
            assert table.locator("tbody tr > th[scope=row]:first-child").count() == (
                table.locator("tbody tr").count()
            )
    assert window.errors == window.requests == window.refused == []
    assert page.locator("script, iframe, img, link, object, [style]").count() == 0
    assert page.evaluate("performance.getEntriesByType('resource').length") == 0


# Its numbers are those of the tables

Rows = Callable[[str], list[tuple[Any, ...]]]


@pytest.fixture(scope="module")
def rows(warehouse: Warehouse) -> Rows:
    """Return a function that asks the tables."""

    def ask(sql: str) -> list[tuple[Any, ...]]:
        return [tuple(row.values()) for row in warehouse.query(sql)]

    return ask


@pytest.fixture(scope="module")
def in_window(data: dict[str, Any]) -> str:
    """Return the condition of the days that are drawn, which are single days."""
    days = data["header"]["window"]
    assert days["unit"] == "day"
    return (
        f"event_date between date '{days['first_day']}' and date '{days['last_day']}'"
    )


def test_figures(window: Window, rows: Rows) -> None:
    figures = window.page.locator(".figures b").all_inner_texts()
    (expected,) = rows(
        """
        select
            sum(request_count),
            count(distinct bucket_name),
            sum(request_count) filter (signature_version = 'SigV2'),
            sum(request_count) filter (is_anonymous),
            sum(denied_count),
            (select count(*) from fct_s3_findings where status != 'quiet')
        from fct_s3_activity_daily
        """
    )
    assert list(map(number, figures)) == [int(value) for value in expected]


def test_findings(window: Window, rows: Rows) -> None:
    found = Counter(
        {(row[0], row[1]): number(row[2]) for row in texts_of(window, "findings-1")}
    )
    assert found == Counter(
        rows("select title, severity from fct_s3_findings where status != 'quiet'")
    )
    assert count_of_marks(window, "findings") == len(found)
    worst = texts_of(window, "findings-2")
    assert len(worst) == 20
    assert all("AWS" in row[2] for row in worst)


def test_readiness(window: Window, rows: Rows) -> None:
    shown = {
        (row[0], kind): number(text)
        for row in texts_of(window, "readiness-1")
        for kind, text in zip(("not_ready", "ready", "unknown"), row[1:], strict=True)
    }
    labels = {
        "deny_sigv2": "deny SigV2",
        "block_public_access": "block public access",
        "disable_acls": "disable ACLs",
        "require_tls_1_2": "require TLS 1.2",
        "require_https": "require HTTPS",
    }
    verdicts = rows(
        "select control, verdict, bucket_name, breaking_request_count"
        " from fct_s3_enforcement_readiness"
    )
    assert {key: value for key, value in shown.items() if value} == Counter(
        (labels[control], verdict) for control, verdict, _, _ in verdicts
    )
    assert count_of_marks(window, "readiness") == len(verdicts)
    assert sorted(
        (row[1], row[0], number(row[4])) for row in texts_of(window, "readiness-2")
    ) == sorted((labels[c], bucket, breaking) for c, _, bucket, breaking in verdicts)


def test_burn_down(window: Window, rows: Rows, in_window: str) -> None:
    signings = {
        "signed in the header": "header",
        "presigned URLs": "presigned",
        "way not logged": "other",
    }
    burned = rows(
        f"""
        select cast(event_date as varchar), signing, sum(request_count)
        from fct_s3_sigv2_burn_down where {in_window} group by all
        """
    )
    assert sorted(
        (row[0], signings[row[1]], number(row[2]))
        for row in texts_of(window, "burn-down-1")
    ) == sorted(burned)
    assert count_of_marks(window, "burn-down") == len(burned)


def test_requesters(window: Window, rows: Rows) -> None:
    signers = rows(
        """
        select
            requester, request_count, presigned_request_count, header_request_count,
            bucket_count, remedy
        from fct_s3_sigv2_requesters
        order by is_quiet, request_count desc, requester limit 15
        """
    )
    table = texts_of(window, "requesters-1")
    assert [list(map(number, row[2:5])) for row in table] == [
        [requests, presigned, buckets]
        for _, requests, presigned, _, buckets, _ in signers
    ]
    for row, signer in zip(table, signers, strict=True):
        assert row[0].startswith(signer[0])
        assert row[1] == signer[5]
    assert count_of_marks(window, "requesters") == sum(
        (presigned > 0) + (header > 0) + (requests > presigned + header)
        for _, requests, presigned, header, _, _ in signers
    )


def test_anonymous_access(window: Window, rows: Rows, in_window: str) -> None:
    anonymous = rows(
        f"""
        select
            bucket_name, cast(event_date as varchar), sum(request_count),
            sum(denied_count)
        from fct_s3_activity_daily where is_anonymous and {in_window} group by all
        """
    )
    assert len({bucket for bucket, *_ in anonymous}) <= 5
    assert sorted(
        (row[0], row[1], number(row[2]), number(row[3]))
        for row in texts_of(window, "anonymous-1")
    ) == sorted(anonymous)
    assert count_of_marks(window, "anonymous") == sum(
        (denied > 0) + (requests > denied) for *_, requests, denied in anonymous
    )


def test_objects(window: Window, rows: Rows, in_window: str) -> None:
    objects = rows(
        f"""
        with counted as (
            select bucket_name, event_date, operation_class, sum(request_count) as n
            from fct_s3_activity_daily
            where
                {in_window} and not is_denied and resource_level = 'object'
                and operation_class in ('read', 'write', 'delete')
            group by all
        ),
        ranked as (
            select bucket_name, row_number() over (order by sum(n) desc, bucket_name)
                as rank
            from counted group by bucket_name
        )
        select
            case when rank <= 5 then ranked.bucket_name
                else (select count(bucket_name) - 5 from ranked)
                || ' other buckets' end,
            cast(event_date as varchar), operation_class || 's', sum(n)
        from counted join ranked
            on counted.bucket_name is not distinct from ranked.bucket_name
        group by all
        """
    )
    assert sorted(
        (*row[:3], number(row[3])) for row in texts_of(window, "objects-1")
    ) == sorted(objects)
    assert any("other" in bucket for bucket, *_ in objects)
    assert count_of_marks(window, "objects") == len(objects)


def test_denied_requests(window: Window, rows: Rows) -> None:
    denials = rows(
        """
        select sum(request_count), count(distinct requester)
        from fct_s3_denied_access group by denial_source, denial_kind
        """
    )
    assert sorted(
        (number(row[1]), number(row[2])) for row in texts_of(window, "denied-1")
    ) == sorted(denials)
    assert count_of_marks(window, "denied") == len(denials)
    assert len(texts_of(window, "denied-2")) == min(
        15, len(rows("select * from fct_s3_denied_access"))
    )


def test_coverage(window: Window, rows: Rows, data: dict[str, Any]) -> None:
    last = date.fromisoformat(data["header"]["window"]["last_day"])
    drawn = sum(
        number(text) for row in texts_of(window, "coverage-2") for text in row[1:]
    )
    assert drawn == count_of_marks(window, "coverage")
    calendar = rows(
        f"""
        select
            bucket_name, coalesce(account_id, 'unknown'), count(*),
            count(*) filter (has_data_events), count(*) filter (is_gap),
            count(*) filter (
                event_date between date '{last - timedelta(days=34)}'
                and date '{last}'
            )
        from fct_s3_coverage_daily group by 1, 2, aws_region
        """
    )
    table = texts_of(window, "coverage-1")
    assert len(table) == min(20, len(calendar))
    shown_rows = {(row[0], row[1], *map(number, row[4:7])): row for row in table}
    of_shown = [row for row in calendar if tuple(row[:5]) in shown_rows]
    assert len(of_shown) == len(table)
    assert drawn == sum(row[5] for row in of_shown)


def test_it_is_the_same_for_the_same_tables(
    warehouse: Warehouse, report: Path, tmp_path: Path
) -> None:
    again = write_report(warehouse, tmp_path / "again.html")
    assert again.read_bytes() == report.read_bytes()


def test_both_engines_say_the_same(data: dict[str, Any], athena_marts: Lake) -> None:
    """All but what the tables of loads are: files on DuckDB, days on Athena."""
    run = athena_marts.do("run-operation", "cloudtrail_report_data")
    other = data_of(run)
    for found in (other["header"], data["header"]):
        assert re.search(r"\d+ (files|log days)", found["loads"])
    same = {**data, "header": {**data["header"], "loads": ""}}
    assert {**other, "header": {**other["header"], "loads": ""}} == same


# How it looks

CONTRAST = r"""
() => {
  const light = colour => {
    const [r, g, b] = colour.match(/[\d.]+/g).map(Number).slice(0, 3).map(v => {
      v /= 255;
      return v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = element => {
    for (let at = element; at; at = at.parentElement) {
      const colour = getComputedStyle(at).backgroundColor;
      if (!/, 0\)$|transparent/.test(colour)) return colour;
    }
    return 'rgb(255, 255, 255)';
  };
  const ratio = (a, b) => {
    const [high, low] = [light(a), light(b)].sort((x, y) => y - x);
    return (high + 0.05) / (low + 0.05);
  };
  const found = {texts: [], marks: []};
  for (const element of document.querySelectorAll('body *')) {
    if (!element.checkVisibility()) continue;
    const style = getComputedStyle(element);
    if (element.closest('svg')) {
      const paper = behind(element.closest('section'));
      if (element.localName === 'text') {
        found.texts.push([ratio(style.fill, paper), element.textContent]);
      } else if (element.querySelector(':scope > title')) {
        const edge = style.stroke === 'none' ? null : style.stroke;
        if (edge) found.marks.push([ratio(edge, paper), element.textContent]);
      }
    } else if ([...element.childNodes].some(n => n.nodeType === 3 && n.data.trim())) {
      found.texts.push([ratio(style.color, behind(element)), element.textContent]);
    }
  }
  return found;
}
"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_contrast(browser: Browser, report: Path, scheme: str) -> None:
    """WCAG 2.2 AA: 4.5 for texts, 3 for what a chart is made of."""
    with browser.page(
        color_scheme=scheme, viewport={"width": 1000, "height": 900}
    ) as w:
        w.page.goto(report.as_uri())
        paper = w.page.evaluate("getComputedStyle(document.body).backgroundColor")
        shade = sum(map(int, re.findall(r"\d+", paper)[:3]))
        assert shade > 600 if scheme == "light" else shade < 150
        found = w.page.evaluate(CONTRAST)
    assert len(found["texts"]) > 300
    assert len(found["marks"]) > 300
    assert [text for ratio, text in found["texts"] if ratio < 4.5] == []
    assert [text for ratio, text in found["marks"] if ratio < 3] == []


def test_on_a_phone(browser: Browser, report: Path) -> None:
    """Nothing is wider than the screen, but tables within their own boxes."""
    with browser.page(**PHONE) as window:
        window.page.goto(report.as_uri())
        summaries = window.page.locator("details:not([open]) > summary")
        for _ in range(summaries.count()):
            summaries.first.click()
        width = window.page.evaluate("document.documentElement.scrollWidth")
        assert width == 390
        assert window.page.locator("svg.narrow:visible").count() == len(SECTIONS)
        assert window.page.locator("svg.wide:visible").count() == 0
        sizes = window.page.locator("svg.narrow").evaluate_all(
            "all => all.map(x => x.clientWidth / x.viewBox.baseVal.width)"
        )
        assert min(sizes) > 0.9, "the labels become too small to read"
        assert window.page.locator(".scroll").evaluate_all(
            "all => all.some(x => x.scrollWidth > x.clientWidth)"
        )


def test_in_print(browser: Browser, report: Path) -> None:
    """Every table is printed, also those that are closed on the screen."""
    with browser.page(color_scheme="dark", viewport={"width": 690, "height": 900}) as w:
        w.page.goto(report.as_uri())
        closed = w.page.locator("details:not([open]) table")
        count = closed.count()
        assert count >= 5
        assert not any(closed.nth(at).is_visible() for at in range(count))
        w.page.emulate_media(media="print")
        assert all(closed.nth(at).is_visible() for at in range(count))
        heights = closed.evaluate_all(
            "x => x.map(y => y.getBoundingClientRect().height)"
        )
        assert min(heights) > 30
        # On paper it is dark on light, whatever the screen is.
        assert w.page.evaluate("getComputedStyle(document.body).color") == (
            "rgb(28, 37, 48)"
        )
        assert w.page.evaluate("document.documentElement.scrollWidth") <= 690
        assert len(re.findall(rb"/Type\s*/Page\b", w.page.pdf(format="A4"))) > 3


# Logs that attack it

PAYLOADS = (
    "<script>document.title='owned';alert(1)</script>",
    "<img src=x onerror=\"document.title='owned'\">",
    "</title></style></svg><svg onload=alert(1)>",
    "javascript:alert(1)//'\"`&lt;&#60;",
    "{datum.request_count} ${7*7} datum['x'] signal(width)",
    "]]><!--<a href='https://example.invalid/'>&amp;",
    "__proto__",
    "=cmd|' /C calc'!A0",
    "right \u202eot tfel\u2066 and \x00\x07\x1b[31m\u2028 end",
    "long" * 500 + "<b>end</b>",
)


@pytest.fixture(scope="module")
def attacked(
    new_warehouse: Callable[..., Warehouse], tmp_path_factory: pytest.TempPathFactory
) -> tuple[Warehouse, Path]:
    """Return tables of logs whose every name is an attack, and their report."""
    root = tmp_path_factory.mktemp("attack")
    day = date(2026, 5, 1)
    records = []
    for at, payload in enumerate(PAYLOADS):
        bucket = payload.replace("/", "∕")
        shared: dict[str, Any] = {
            "awsRegion": payload,
            "recipientAccountId": payload,
            "userAgent": payload,
            "requestParameters": {"bucketName": bucket, "key": payload},
            "resources": ...,
        }
        identity = {"type": "IAMUser", "arn": payload, "accountId": payload}
        for kind in range(6):
            more: dict[str, Any] = {
                0: {"userIdentity": {"accountId": "anonymous", "principalId": ""}},
                1: {"errorCode": "AccessDenied", "errorMessage": payload},
                2: {"errorCode": payload},
                3: {"eventName": "PutObject"},
                4: {"eventName": "DeleteObject"},
                5: {
                    "eventName": "PutBucketAcl",
                    "managementEvent": True,
                    "eventCategory": "Management",
                },
            }[kind]
            records.append(
                hostile.plain_record(
                    **{
                        "userIdentity": identity,
                        **shared,
                        "additionalEventData": {
                            "SignatureVersion": "SigV2",
                            "AuthenticationMethod": ("AuthHeader", "QueryString")[
                                kind % 2
                            ],
                        },
                        "eventID": f"{at}-{kind}",
                        "requestID": f"{at}-{kind}",
                        "eventTime": f"{day + timedelta(days=at)}T10:00:00Z",
                        **more,
                    }
                )
            )
    path = hostile.log_path("111122223333", "eu-west-1", day + timedelta(days=11), 1)
    hostile.write(root / "AWSLogs" / path, hostile.envelope(records))
    warehouse = new_warehouse(root)
    warehouse.load(decisions=True)
    folder = tmp_path_factory.mktemp("attacked")
    return warehouse, write_report(warehouse, folder / "report.html")


def test_a_log_is_text(attacked: tuple[Warehouse, Path], browser: Browser) -> None:
    """No script, no dialog, no request, no element that the log wrote."""
    warehouse, report = attacked
    with browser.page(viewport={"width": 1000, "height": 900}) as window:
        dialogs: list[str] = []
        window.page.on("dialog", lambda dialog: dialogs.append(dialog.message))
        window.page.goto(report.as_uri())
        summaries = window.page.locator("details:not([open]) > summary")
        for _ in range(summaries.count()):
            summaries.first.click()
        page = window.page
        assert page.title() == "S3 requests in CloudTrail"
        assert dialogs == window.errors == window.requests == []
        assert page.locator("script, img, iframe, b b, svg svg, [onload]").count() == 0
        handlers = page.evaluate(
            "[...document.querySelectorAll('*')].flatMap(e => [...e.attributes])"
            ".filter(a => /^on|^style$/i.test(a.name)).length"
        )
        assert handlers == 0
        links = page.locator("a").evaluate_all(
            "x => x.map(a => a.getAttribute('href'))"
        )
        assert all(
            re.match(r"#[a-z-]+$|https://docs\.aws\.amazon\.com/", x) for x in links
        )
        names = [texts[0] for texts in texts_of(window, "readiness-2")]
        shown = page.locator("#readiness-2 tbody").evaluate(
            "body => [...body.querySelectorAll('bdi, [title]')].map(e =>"
            " e.getAttribute('title') || e.textContent)"
        )
        drawn = page.locator("svg.wide text").all_text_contents()
    buckets = [row["bucket_name"] for row in warehouse.rows("dim_s3_buckets")]
    assert len(buckets) == len(PAYLOADS)
    for bucket in buckets:
        assert printable(bucket) in shown, bucket
    assert len(set(names)) == len(PAYLOADS)
    labels = unlike([printable(bucket) for bucket in buckets], 32)
    assert set(labels) <= set(drawn)
    assert [text for text in drawn if not text.isprintable()] == []
    text = report.read_text("utf-8")
    assert [c for c in set(text) if not (c.isprintable() or c == "\n")] == []


def test_a_page_that_is_broken_into_runs_nothing(
    report: Path, browser: Browser, tmp_path: Path
) -> None:
    """If escaping failed, the page's policy would still stop it."""
    broken = tmp_path / "broken.html"
    attack = (
        "<script>document.title='owned'</script>"
        "<img src='https://example.invalid/a.png' onerror=\"document.title='owned'\">"
        "<style>body { background: url(https://example.invalid/b.png) }</style>"
    )
    text = report.read_text("utf-8").replace("<main>", f"<main>{attack}")
    broken.write_text(text, "utf-8")
    with browser.page() as window:
        window.page.goto(broken.as_uri())
        assert window.page.title() == "S3 requests in CloudTrail"
        assert window.requests == []
        assert len(window.errors) >= 3


# Little to show


def test_without_data_events(
    new_warehouse: Callable[..., Warehouse], tmp_path: Path, browser: Browser
) -> None:
    """Each section says that nothing is known, and why."""
    record = hostile.plain_record(
        eventName="GetBucketVersioning",
        eventCategory="Management",
        managementEvent=True,
        additionalEventData={},
    )
    path = hostile.log_path("111122223333", "us-east-1", hostile.FIRST_DAY, 1)
    hostile.write(tmp_path / "AWSLogs" / path, hostile.envelope([record]))
    warehouse = new_warehouse(tmp_path)
    warehouse.load(decisions=True)
    report = write_report(warehouse, tmp_path / "report.html")
    with browser.page() as window:
        window.page.goto(report.as_uri())
        assert "no data events" in window.page.locator("header").inner_text()
        for section in ("burn-down", "requesters", "anonymous", "objects", "denied"):
            told = window.page.locator(f"#{section}").inner_text()
            assert "no data events" in told, section
            assert window.page.locator(f"#{section} svg").count() == 0


def test_without_any_request(
    new_warehouse: Callable[..., Warehouse], tmp_path: Path, browser: Browser
) -> None:
    path = hostile.log_path("111122223333", "us-east-1", hostile.FIRST_DAY, 1)
    record = hostile.plain_record(eventSource="ec2.amazonaws.com")
    hostile.write(tmp_path / "AWSLogs" / path, hostile.envelope([record]))
    warehouse = new_warehouse(tmp_path)
    warehouse.load(decisions=True)
    report = write_report(warehouse, tmp_path / "report.html")
    with browser.page() as window:
        window.page.goto(report.as_uri())
        assert "no S3 request" in window.page.locator("header").inner_text()
        assert window.page.locator("section").count() == len(SECTIONS)
        assert window.page.locator("section svg").count() == 0
        assert window.page.locator("section > .title").count() == len(SECTIONS)


# Much to show


def test_a_long_history_is_drawn_by_week(
    new_warehouse: Callable[..., Warehouse], tmp_path: Path, browser: Browser
) -> None:
    """Of a year; what is older, or said to be of the future, is only counted."""
    last = date(2026, 5, 13)
    days = [last - timedelta(days=5 * number) for number in range(100)]
    records = [
        hostile.plain_record(
            eventID=f"{day}",
            eventTime=f"{day}T10:00:00Z",
            additionalEventData={
                "SignatureVersion": "SigV2",
                "AuthenticationMethod": "AuthHeader",
            },
        )
        for day in [*days, date(2999, 1, 1)]
    ]
    path = hostile.log_path("111122223333", "us-east-1", last, 1)
    hostile.write(tmp_path / "AWSLogs" / path, hostile.envelope(records))
    warehouse = new_warehouse(tmp_path)
    warehouse.load(decisions=True)
    data = data_of(warehouse.operation("cloudtrail_report_data"))
    drawn = [day for day in days if day > last - timedelta(days=364)]
    assert data["header"]["window"] == {
        "first_day": f"{drawn[-1]}",
        "last_day": f"{last}",
        "complete_day": f"{last}",
        "unit": "week",
    }
    weeks = Counter(f"{day - timedelta(days=day.weekday())}" for day in drawn)
    report = tmp_path / "report.html"
    report.write_text(page(data), "utf-8")
    with browser.page() as window:
        window.page.goto(report.as_uri())
        for section in ("burn-down", "objects"):
            assert count_of_marks(window, section) == len(weeks)
        table = texts_of(window, "burn-down-1")
        assert {row[0]: number(row[2]) for row in table} == weeks
        notes = window.page.locator("#burn-down .note").all_inner_texts()
        assert f"{len(days) + 1 - len(drawn)} SigV2 requests" in " ".join(notes)


# The command


def make_report(
    *settings: str, cwd: Path = PROJECT
) -> subprocess.CompletedProcess[str]:
    """Run make report."""
    kept = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR")
    return subprocess.run(
        ["make", "-C", str(PROJECT), "report", *settings],
        cwd=cwd,
        env={name: os.environ[name] for name in kept if name in os.environ}
        | {"PWD": str(cwd)},
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )


def test_make_report(marts: Path, report: Path, tmp_path: Path) -> None:
    """Paths start where make was called; other files stay as they are."""
    shutil.copy(marts, tmp_path / "mine.duckdb")
    done = make_report("CLOUDTRAIL_DUCKDB_PATH=mine.duckdb", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    written = tmp_path / "mine.report.html"
    assert f"Report: {written}" in done.stdout.splitlines()
    assert written.read_bytes() == report.read_bytes()
    assert sorted(file.name for file in tmp_path.iterdir()) == [
        "mine.duckdb",
        "mine.report.html",
    ]
    (tmp_path / "notes.txt").write_text("mine")
    for settings, said in {
        ("CLOUDTRAIL_DUCKDB_PATH=none.duckdb",): "There is no database",
        ("CLOUDTRAIL_DUCKDB_PATH=notes.txt",): "is not a DuckDB database",
        ("CLOUDTRAIL_DUCKDB_PATH=mine.duckdb", "REPORT=notes.txt"): "is no report",
        ("CLOUDTRAIL_DUCKDB_PATH=mine.duckdb", "REPORT=mine.duckdb"): "is no report",
        ("CLOUDTRAIL_DUCKDB_PATH=mine.duckdb", "REPORT=."): "is a folder",
        ("CLOUDTRAIL_DUCKDB_PATH=mine.duckdb", "REPORT=no/a.html"): "does not exist",
        ("TARGET=elsewhere",): "is no target",
    }.items():
        refused = make_report(*settings, cwd=tmp_path)
        assert refused.returncode != 0, settings
        lines = [x for x in refused.stderr.splitlines() if not x.startswith("make")]
        assert len(lines) == 1, refused.stderr
        assert said in lines[0]
    assert (tmp_path / "notes.txt").read_text() == "mine"
    assert not (tmp_path / "none.duckdb").exists()


def test_a_database_without_tables(
    new_warehouse: Callable[..., Warehouse], tmp_path: Path
) -> None:
    run = new_warehouse(tmp_path).operation("cloudtrail_report_data")
    assert not run.success
    assert "build the tables first" in run.error
    assert run.printed == []


def test_make_report_on_athena(
    athena_marts: Lake, report: Path, tmp_path: Path
) -> None:
    file = tmp_path / "athena.html"
    settings = [
        f"{name}={value}"
        for name, value in athena_marts.environment.items()
        if value is not None
    ]
    done = make_report("TARGET=athena", f"REPORT={file}", *settings)
    assert done.returncode == 0, done.stderr
    drawing = re.compile(r"<main>.*</main>", re.DOTALL)
    (here,) = drawing.findall(file.read_text("utf-8"))
    (there,) = drawing.findall(report.read_text("utf-8"))
    assert here == there
