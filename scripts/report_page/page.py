"""Writes the report's sections as one HTML page without any script."""

from __future__ import annotations

import base64
import hashlib
import html
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from report_page.charts import shortened
from report_page.sections import (
    NO_DATA_EVENTS,
    SECTIONS,
    Advice,
    Data,
    Lines,
    Link,
    Section,
    Table,
    counted,
    is_one,
)

STYLE = Path(__file__).with_name("style.css")
# Longer texts are cut in their middle; the whole is in the cell's title.
LONGEST = 180
LONGEST_TITLE = 4000
DAY = re.compile(r"\d{4}-\d\d-\d\d")
DOCUMENTS_OF_AWS = "https://docs.aws.amazon.com/"


def text(value: Any) -> str:
    """Return a text as HTML, apart from the direction of what is around it."""
    whole = str(value)
    cut = whole if isinstance(value, Advice) else shortened(whole, LONGEST)
    # An ARN or a key is better broken after its parts than within.
    parts = "<wbr>".join(map(html.escape, re.split(r"(?<=[/:])", cut)))
    shown = f"<bdi>{parts}</bdi>"
    if cut == whole:
        return shown
    title = whole
    if len(whole) > LONGEST_TITLE:
        title = f"{whole[:LONGEST_TITLE]}… ({len(whole):,} characters)"
    return f'<span title="{html.escape(title)}">{shown}</span>'


def line(value: Any) -> str:
    """Return a text or a link as HTML."""
    if not isinstance(value, Link):
        return text(value)
    if not value.address.startswith(DOCUMENTS_OF_AWS):
        return text(value.address)
    address = html.escape(value.address)
    return f'<a href="{address}" rel="noreferrer">{html.escape(value.text)}</a>'


def cell(value: Any, tag: str = "td") -> str:
    """Return a cell of a table."""
    scope = ' scope="row"' if tag == "th" else ""
    if isinstance(value, int):
        return f'<{tag}{scope} class="number">{value:,}</{tag}>'
    first, others = value if isinstance(value, Lines) else (value, [])
    lines = [line(one) for one in (first, *others) if one != ""]
    style = ""
    if any(len(str(one)) > 60 for one in (first, *others)):
        style = ' class="long"'
    elif DAY.fullmatch(str(first)):
        style = ' class="day"'
    inside = "".join([*lines[:1], *(f"<div>{one}</div>" for one in lines[1:])])
    return f"<{tag}{scope}{style}>{inside}</{tag}>"


def table(given: Table, name: str) -> str:
    """Return a table that is opened with a click, and in print."""
    head = "".join(
        f'<th scope="col"{" class=number" if is_number(given, number) else ""}>'
        f"{html.escape(column)}</th>"
        for number, column in enumerate(given.head)
    )
    body = "".join(
        "<tr>" + cell(first, "th") + "".join(map(cell, others)) + "</tr>\n"
        for first, *others in given.rows
    )
    caption = html.escape(given.caption)
    return (
        f"<details{' open' if given.is_open else ''}><summary>{caption}</summary>\n"
        f'<div class="scroll" role="region" tabindex="0" aria-label="{caption}">'
        f'<table id="{name}"><caption>{caption}</caption>\n'
        f"<thead><tr>{head}</tr></thead>\n<tbody>\n{body}</tbody></table></div></details>"
    )


def is_number(given: Table, column: int) -> bool:
    """Tell whether a column of a table holds numbers."""
    return bool(given.rows) and all(isinstance(row[column], int) for row in given.rows)


def section(given: Section) -> str:
    """Return a section."""
    heading = f"{given.name}-heading"
    parts = [f'<section id="{given.name}" aria-labelledby="{heading}">']
    parts.append(f'<h2 id="{heading}">{html.escape(given.heading)}</h2>')
    parts.append(f'<p class="title">{html.escape(given.title)}</p>')
    if given.drawings:
        keys = "".join(
            f'<li><span class="{key.style}"></span>{html.escape(key.label)}</li>'
            for key in given.legend
        )
        parts.append("<figure>")
        parts.append(f"<figcaption>{html.escape(given.units)}</figcaption>")
        if keys:
            parts.append(f'<ul class="legend" aria-hidden="true">{keys}</ul>')
        parts.extend(given.drawings)
        parts.append("</figure>")
    parts.extend(f'<p class="note">{html.escape(note)}</p>' for note in given.notes)
    parts.extend(
        table(one, f"{given.name}-{number}")
        for number, one in enumerate(given.tables, 1)
    )
    parts.append("</section>")
    return "\n".join(parts)


def figures(data: Data) -> list[tuple[str, str, str]]:
    """Return what stands at the top: a number, what it counts, and a part of it."""
    totals, (scope,) = data["header"]["totals"], data["scope"]
    rules = data["findings_totals"]
    critical = sum(r["finding_count"] for r in rules if r["severity"] == "critical")
    signed, sigv2 = totals["signed"], scope["sigv2_count"]
    share = f"{sigv2 / signed:.1%} of those that tell" if signed else "none tells"
    anonymous = totals["anonymous"]
    return [
        (
            f"{totals['requests']:,}",
            "S3 requests",
            counted(totals["days"], "day") + " with requests",
        ),
        (
            f"{scope['bucket_count']:,}",
            is_one(scope["bucket_count"], "bucket", "buckets"),
            counted(scope["requester_count"], "requester"),
        ),
        (f"{sigv2:,}", "signed with SigV2", share),
        (
            f"{anonymous:,}",
            "anonymous",
            f"{scope['anonymous_denied_count']:,} of them denied",
        ),
        (f"{scope['denied_count']:,}", "denied", "by a policy or an ACL"),
        (
            f"{sum(r['finding_count'] for r in rules):,}",
            "open findings",
            f"{critical:,} critical",
        ),
    ]


def header(data: Data) -> str:
    """Return the head of the page: what was read, and the figures."""
    read = data["header"]
    totals, window = read["totals"], read["window"]
    (scope,) = data["scope"]
    if totals["requests"]:
        what = (
            f"S3 requests from {totals['first_day']} to {totals['last_day']} (UTC), of"
            f" {counted(scope['account_count'], 'account')} and"
            f" {counted(scope['region_count'], 'region')}, read from"
            f" {read['loads']}."
        )
    else:
        what = f"The tables hold no S3 request. What was read: {read['loads']}."
    lines = [f"<p>{html.escape(what)}</p>"]
    if window["complete_day"]:
        lines.append(
            f"<p>Days count back from {html.escape(window['complete_day'])}, the last"
            " complete day of the logs.</p>"
        )
    if totals["requests"] and not totals["data_requests"]:
        lines.append(f'<p class="warning">{html.escape(NO_DATA_EVENTS)}</p>')
    tiles = "".join(
        f"<li><b>{html.escape(number)}</b> <span>{html.escape(noun)}</span>"
        f" <small>{html.escape(part)}</small></li>"
        for number, noun, part in figures(data)
    )
    return (
        "<header>\n<h1>S3 requests in CloudTrail</h1>\n"
        + "\n".join(lines)
        + f'\n<ul class="figures">{tiles}</ul>\n</header>'
    )


def navigation(sections: Sequence[Section]) -> str:
    """Return the links to the sections."""
    links = "".join(
        f'<li><a href="#{one.name}">{html.escape(one.heading)}</a></li>'
        for one in sections
    )
    return f'<nav aria-label="Sections"><ul>{links}</ul></nav>'


def page(data: Data) -> str:
    """Return the whole page.

    It may load nothing and run nothing: its one style sheet is named by its hash.
    """
    style = STYLE.read_text("utf-8")
    digest = base64.b64encode(hashlib.sha256(style.encode("utf-8")).digest()).decode()
    policy = (
        f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none';"
        " form-action 'none'"
    )
    sections = [make(data) for make in SECTIONS]
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="color-scheme" content="light dark">\n'
        '<meta name="referrer" content="no-referrer">\n'
        "<title>S3 requests in CloudTrail</title>\n"
        f"<style>{style}</style>\n</head>\n<body>\n"
        + header(data)
        + "\n"
        + navigation(sections)
        + "\n<main>\n"
        + "\n".join(map(section, sections))
        + "\n</main>\n<footer><p>Written by cloudtrail_s3 from its tables of counts"
        " and decisions. It tells who did what: protect it as you protect the"
        " logs.</p></footer>\n</body>\n</html>\n"
    )
