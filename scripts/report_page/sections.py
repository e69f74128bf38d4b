"""Makes the report's sections from the rows that the project prints."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from typing import Any, NamedTuple

from jinja2.filters import do_filesizeformat
from sentences import printable

from report_page import charts
from report_page.charts import NARROW, WIDE, Row, Series, Size

Data = dict[str, Any]

CONTROLS = {
    "deny_sigv2": ("deny SigV2", "SigV2"),
    "block_public_access": ("block public access", "public"),
    "disable_acls": ("disable ACLs", "ACLs"),
    "require_tls_1_2": ("require TLS 1.2", "TLS"),
    "require_https": ("require HTTPS", "HTTPS"),
}
VERDICTS = {
    "not_ready": ("would break", (charts.CROSS, "var(--bad)", False)),
    "ready": ("ready", (charts.CHECK, "var(--good)", False)),
    "unknown": ("unknown", (charts.DASH, "var(--unsure)", False)),
}
REASONS = {
    "breaking_requests": "requests of the last {quiet} days would have failed",
    "never_seen": "no request that would fail was ever seen",
    "quiet": "no request that would fail for {quiet} days or more",
    "owner_not_logged": "no record names the account that owns the bucket",
    "no_data_events": "the owner's trail logs no data events of the bucket",
    "attribute_not_logged": "its data events do not say what matters here",
    "reads_not_logged": "no object of the account was ever read: are reads?",
    "writes_not_logged": "no object of the account was ever written: are writes?",
    "data_events_stopped": "its last data event is {quiet} or more days old",
    "too_few_days": "too few days are covered",
}
SIGNING = (
    Series("header", "signed in the header", "first"),
    Series("presigned", "presigned URLs", "second", is_outlined=True),
    Series("other", "way not logged", "third"),
)
ANSWERS = (
    Series("let_in", "let in", "first"),
    Series("denied", "denied", "bad", is_outlined=True),
)
OPERATIONS = {"read": "reads", "write": "writes", "delete": "deletes"}
COVERAGE = {
    "data": ("data events logged", (charts.SQUARE, "var(--first)", True)),
    "management": (
        "management events alone",
        (charts.SQUARE, "var(--first)", False),
    ),
    "none": ("logs came, no request", (charts.DOT, "var(--muted)", True)),
    "gap": ("no log came", (charts.CROSS, "var(--bad)", False)),
}
NO_DATA_EVENTS = (
    "These logs hold no data events: CloudTrail logs requests for objects only for"
    " trails that ask for it, so they are unknown. The README of the project tells how"
    " to log them."
)


class Key(NamedTuple):
    """An entry of a legend: a class of the style sheet, and what it means."""

    style: str
    label: str


class Table(NamedTuple):
    """The numbers of a section.

    Attributes:
        caption: what the rows are.
        head: the names of the columns; the first is the head of its rows.
        rows: texts, numbers, or None where nothing is known.
        is_open: whether it is shown without a click.
    """

    caption: str
    head: Sequence[str]
    rows: Sequence[Sequence[Any]]
    is_open: bool = False


class Advice(str):
    """A text of the project's own, which is shown whole."""


class Link(NamedTuple):
    """A text that leads to a page of AWS."""

    text: str
    address: str


class Lines(NamedTuple):
    """A cell of several lines, the first of them the most important.

    Attributes:
        first: the first line.
        others: texts and links below it; what is empty is left out.
    """

    first: str
    others: Sequence[Any]


class Section(NamedTuple):
    """A part of the report.

    Attributes:
        name: its place in the page's address.
        heading: its topic.
        title: what the chart shows, as a sentence.
        units: what the axes count.
        drawings: the charts, as SVG; none if there is nothing to draw.
        legend: what the chart's signs mean.
        tables: the numbers.
        notes: how to read it, and what is left out.
    """

    name: str
    heading: str
    title: str
    units: str = ""
    drawings: Sequence[str] = ()
    legend: Sequence[Key] = ()
    tables: Sequence[Table] = ()
    notes: Sequence[str] = ()


def plain(value: Any, absent: str = "(none)") -> str:
    """Return a text of a log as one line of visible characters."""
    return absent if value is None else printable(str(value))


def counted(number: int, noun: str) -> str:
    """Return a number with its noun."""
    return f"{number:,} {noun if number == 1 else noun + 's'}"


def size_of(count: int | None) -> str:
    """Return bytes as people read them."""
    return "unknown" if count is None else str(do_filesizeformat(count, binary=True))


def is_one(number: int, one: str, many: str) -> str:
    """Return the word that agrees with a number."""
    return one if number == 1 else many


def both(says: str, draw: Callable[[Size], Any]) -> list[str]:
    """Draw a chart for wide pages and for phones."""
    return [charts.picture(draw(size), size, says) for size in (WIDE, NARROW)]


def both_bars(
    says: str,
    rows: Sequence[Row],
    texts: Sequence[str],
    noun: str,
    series: Sequence[Series],
    part: Callable[[Row], str],
) -> list[str]:
    """Draw a bar for each row.

    Args:
        says: what a screen reader says of the chart.
        rows: what is counted, in the column of the noun.
        texts: the bars' names, in the order of the rows.
        noun: what is counted.
        series: the bars' fillings.
        part: returns a row's filling, as the key of a series.
    """

    def draw(size: Size) -> Any:
        names = charts.unlike(texts, size.characters)
        return charts.bars(
            [
                {
                    "name": name,
                    "series": part(row),
                    "amount": row[f"{noun}_count"],
                    "label": f"{name}: {counted(row[f'{noun}_count'], noun)}",
                }
                for row, name in zip(rows, names, strict=True)
            ],
            names,
            series,
            size,
        )

    return both(says, draw)


def legend(series: Sequence[Series]) -> list[Key]:
    """Return the legend of parts of bars."""
    return [
        Key(f"{one.style} outlined" if one.is_outlined else one.style, one.label)
        for one in series
    ]


def periods(window: Data) -> list[str]:
    """Return every day, or every Monday, of the time that is drawn."""
    if window["last_day"] is None:
        return []
    day, last = (date.fromisoformat(window[k]) for k in ("first_day", "last_day"))
    step = 1
    if window["unit"] == "week":
        day, step = day - timedelta(days=day.weekday()), 7
    found = []
    while day <= last:
        found.append(day.isoformat())
        day += timedelta(days=step)
    return found


def per_unit(window: Data) -> str:
    """Return how the axis of time is divided."""
    return "day (UTC)" if window["unit"] == "day" else "week (UTC, named by its Monday)"


def left_out(count: int, what: str, window: Data) -> list[str]:
    """Return what is said of requests outside of the days that are drawn."""
    if not count:
        return []
    return [
        f"Drawn are the days from {window['first_day']} to {window['last_day']};"
        f" {counted(count, what)} of other days {is_one(count, 'is', 'are')} not."
    ]


def readiness(data: Data) -> Section:
    """Return what each control would break, by bucket."""
    name, heading = "readiness", "Readiness"
    rows = data["readiness"]
    if not rows:
        return Section(
            name, heading, "No bucket can be judged: no request in the logs names one."
        )
    totals = {
        control: {
            row["verdict"]: row["bucket_count"]
            for row in data["readiness_totals"]
            if row["control"] == control
        }
        for control in CONTROLS
    }
    buckets = sum(totals["deny_sigv2"].values())
    signed = totals["deny_sigv2"]
    title = (
        f"Signature Version 2 can be denied on {signed.get('ready', 0):,} of"
        f" {counted(buckets, 'bucket')}; on {signed.get('not_ready', 0):,} that would"
        " break requests."
    )
    quiet = data["header"]["quiet_days"]
    names = list(dict.fromkeys(row["bucket_name"] for row in rows))

    def draw(size: Size) -> Any:
        lines = charts.unlike([plain(n) for n in names], 32 if size.is_wide else 17)
        line_of = dict(zip(names, lines, strict=True))
        return charts.grid(
            [
                {
                    "line": line_of[row["bucket_name"]],
                    "column": CONTROLS[row["control"]][0 if size.is_wide else 1],
                    "kind": row["verdict"],
                    "text": f"{row['breaking_request_count']:,}"
                    if row["verdict"] == "not_ready"
                    else "",
                    "label": f"{line_of[row['bucket_name']]},"
                    f" {CONTROLS[row['control']][0]}: {VERDICTS[row['verdict']][0]}",
                }
                for row in rows
            ],
            [labels[0 if size.is_wide else 1] for labels in CONTROLS.values()],
            lines,
            {kind: shape for kind, (_, shape) in VERDICTS.items()},
            size,
        )

    notes = [
        "Unknown: nothing would have broken, but the logs do not prove it; the table"
        " says why. docs/decisions.md tells what to do about each control."
    ]
    if len(names) < buckets:
        notes.append(
            f"Shown are the {len(names)} buckets of which most is to be told; the table"
            f" fct_s3_enforcement_readiness has the other {buckets - len(names):,}."
        )
    return Section(
        name,
        heading,
        title,
        "Buckets by control; the numbers are requests of the last"
        f" {quiet} days that would have failed.",
        both(title, draw),
        [
            Key("mark cross bad", VERDICTS["not_ready"][0]),
            Key("mark check good", VERDICTS["ready"][0]),
            Key("mark dash unsure", VERDICTS["unknown"][0]),
        ],
        [
            Table(
                "Buckets by control and verdict",
                ["control", *(label for label, _ in VERDICTS.values())],
                [
                    [labels[0], *(totals[control].get(v, 0) for v in VERDICTS)]
                    for control, labels in CONTROLS.items()
                ],
                is_open=True,
            ),
            Table(
                "Verdict and reason for each bucket and control",
                [
                    *("bucket", "control", "verdict", "reason", "requests"),
                    *("requesters", "most by", "last day"),
                ],
                [
                    [
                        plain(row["bucket_name"]),
                        CONTROLS[row["control"]][0],
                        VERDICTS[row["verdict"]][0],
                        REASONS[row["verdict_reason"]].format(quiet=quiet)
                        if row["verdict_reason"] in REASONS
                        else row["verdict_reason"],
                        row["breaking_request_count"],
                        row["breaking_requester_count"],
                        plain(row["top_requester"], ""),
                        row["last_day"] or "",
                    ]
                    for row in rows
                ],
            ),
        ],
        notes,
    )


def burn_down(data: Data) -> Section:
    """Return SigV2 requests over time."""
    name, heading = "burn-down", "SigV2 burn-down"
    window = data["header"]["window"]
    (totals,) = data["burn_down_totals"]
    if not totals["request_count"]:
        return Section(
            name,
            heading,
            "No request was signed with Signature Version 2."
            if data["header"]["totals"]["signed"]
            else "No request in these logs says how it was signed.",
            notes=no_data_events(data),
        )
    now, before = totals["week_count"], totals["week_before_count"]
    if now:
        change = (
            f"rose from {before:,} to {now:,}"
            if now > before
            else f"fell from {before:,} to {now:,}"
            if now < before
            else f"stayed at {now:,}"
        )
        who = counted(totals["week_requester_count"], "requester")
        title = f"SigV2 requests {change} from one week to the next, made by {who}."
    else:
        title = "No SigV2 request was made in the last seven days."
    rows = data["burn_down"]
    days = periods(window)
    labels = {one.key: one.label for one in SIGNING}

    def draw(size: Size) -> Any:
        return charts.over_time(
            [
                {
                    "period": row["period"],
                    "series": row["signing"],
                    "amount": row["request_count"],
                    "label": f"{row['period']}, {labels[row['signing']]}:"
                    f" {counted(row['request_count'], 'request')}",
                }
                for row in rows
            ],
            days,
            SIGNING,
            "requests",
            size,
        )

    return Section(
        name,
        heading,
        title,
        f"SigV2 requests by {per_unit(window)}.",
        both(title, draw) if rows else (),
        legend(SIGNING),
        [
            Table(
                f"SigV2 requests by {per_unit(window)} and way of signing",
                [window["unit"], "signing", "requests", "denied", "requesters"],
                [
                    [
                        row["period"],
                        labels[row["signing"]],
                        row["request_count"],
                        row["denied_count"],
                        row["requester_count"],
                    ]
                    for row in rows
                ],
            )
        ],
        left_out(totals["other_days_count"], "SigV2 request", window),
    )


def requesters(data: Data) -> Section:
    """Return who signs with SigV2, and what each must do."""
    name, heading = "requesters", "Who must change"
    rows = data["requesters"]
    (totals,) = data["requesters_totals"]
    if not rows:
        return Section(
            name,
            heading,
            "Nobody was seen to sign with Signature Version 2.",
            notes=no_data_events(data),
        )
    quiet = totals["quiet_count"]
    active = totals["requester_count"] - quiet
    title = (
        f"{counted(active, 'requester')} still"
        f" {is_one(active, 'signs', 'sign')} with SigV2"
    )
    title += f"; {quiet:,} {is_one(quiet, 'has', 'have')} stopped." if quiet else "."

    def draw(size: Size) -> Any:
        names = charts.unlike([plain(r["requester"]) for r in rows], size.characters)
        return charts.bars(
            [
                {
                    "name": label,
                    "series": series.key,
                    "amount": row[f"{series.key}_request_count"],
                    "label": f"{label}, {series.label}:"
                    f" {row[f'{series.key}_request_count']:,}",
                }
                for row, label in zip(with_other(rows), names, strict=True)
                for series in SIGNING
                if row[f"{series.key}_request_count"]
            ],
            names,
            SIGNING,
            size,
        )

    others = totals["requester_count"] - len(rows)
    notes = []
    if others > 0:
        notes.append(
            f"Shown are the {len(rows)} with most requests, those that go on first;"
            f" the table fct_s3_sigv2_requesters has {others:,} more."
        )
    return Section(
        name,
        heading,
        title,
        "SigV2 requests of each requester, all days that are loaded.",
        both(title, draw),
        legend(SIGNING),
        [
            Table(
                "Requesters that sign with SigV2, and what to do",
                [
                    *("requester", "what to do", "requests", "presigned", "buckets"),
                    *("last day", "state"),
                ],
                [
                    [
                        Lines(plain(row["requester"]), [client(row)]),
                        Advice(plain(row["remedy"])),
                        row["request_count"],
                        row["presigned_request_count"],
                        row["bucket_count"],
                        row["last_day"],
                        "quiet"
                        if row["is_quiet"]
                        else "began again"
                        if row["is_regressed"]
                        else "open",
                    ]
                    for row in rows
                ],
                is_open=True,
            )
        ],
        notes,
    )


def client(row: Row) -> str:
    """Return the client that most of a requester's requests came from."""
    parts = [row["main_client_name"], row["main_client_version"]]
    name = " ".join(part for part in parts if part)
    if not name:
        return "client not known"
    is_downloader = not row["header_request_count"]
    return plain(name) + (", the downloader's" if is_downloader else "")


def with_other(rows: list[Row]) -> list[Row]:
    """Return requesters with the requests whose way of signing is not logged."""
    return [
        {
            **row,
            "other_request_count": row["request_count"]
            - row["header_request_count"]
            - row["presigned_request_count"],
        }
        for row in rows
    ]


def bucket_labels(rows: list[Row], length: int) -> dict[int, str]:
    """Return the titles of buckets by their rank, each unlike the others."""
    found = {row["bucket_rank"]: bucket_cell(row) for row in rows}
    return dict(zip(found, charts.unlike(list(found.values()), length), strict=True))


def bucket_cell(row: Row) -> str:
    """Return a bucket as a cell of a table."""
    if row["is_others"] and row["other_bucket_count"]:
        return counted(row["other_bucket_count"], "other bucket")
    return plain(row["bucket_name"], "(no bucket)")


def anonymous(data: Data) -> Section:
    """Return anonymous requests over time by bucket."""
    name, heading = "anonymous", "Anonymous access"
    window = data["header"]["window"]
    total = data["header"]["totals"]["anonymous"]
    if not total:
        return Section(
            name,
            heading,
            "No anonymous request was logged.",
            notes=no_data_events(data),
        )
    rows = data["anonymous"]
    drawn = sum(row["request_count"] for row in rows)
    (scope,) = data["scope"]
    title = (
        f"{counted(total, 'request')} without a name"
        f" {is_one(total, 'was', 'were')} logged;"
        f" {total - scope['anonymous_denied_count']:,} of them"
        f" {is_one(total - scope['anonymous_denied_count'], 'was', 'were')} let in."
    )
    days = periods(window)

    def draw(size: Size) -> Any:
        labels = bucket_labels(rows, size.characters)
        return charts.over_time_by_panel(
            [
                {
                    "panel": labels[row["bucket_rank"]],
                    "period": row["period"],
                    "series": series.key,
                    "amount": amount,
                    "label": f"{labels[row['bucket_rank']]}, {row['period']},"
                    f" {series.label}: {counted(amount, 'request')}",
                }
                for row in rows
                for series, amount in zip(
                    ANSWERS,
                    (row["request_count"] - row["denied_count"], row["denied_count"]),
                    strict=True,
                )
                if amount
            ],
            list(labels.values()),
            days,
            ANSWERS,
            1,
            size,
        )

    return Section(
        name,
        heading,
        title,
        f"Anonymous requests by {per_unit(window)} and bucket; each bucket has its"
        " own scale.",
        both(title, draw) if rows else (),
        legend(ANSWERS),
        [
            Table(
                f"Anonymous requests by bucket and {per_unit(window)}",
                ["bucket", window["unit"], "requests", "denied", "without error"],
                [
                    [
                        bucket_cell(row),
                        row["period"],
                        row["request_count"],
                        row["denied_count"],
                        row["succeeded_count"],
                    ]
                    for row in rows
                ],
            )
        ],
        [
            "Let in: S3 did not deny it; it may still have failed, as for an object"
            " that is not there.",
            *left_out(total - drawn, "anonymous request", window),
        ],
    )


def objects(data: Data) -> Section:
    """Return object reads, writes and deletes over time by bucket."""
    name, heading = "objects", "Objects read, written, deleted"
    window = data["header"]["window"]
    rows = data["objects"]
    if not rows:
        return Section(
            name,
            heading,
            "No object is known to have been read, written or deleted in these days.",
            notes=no_data_events(data),
        )
    sums = {
        kind: sum(row["request_count"] for row in rows if row["kind"] == kind)
        for kind in OPERATIONS
    }
    title = (
        f"Objects were read {counted(sums['read'], 'time')}, written"
        f" {counted(sums['write'], 'time')} and deleted"
        f" {counted(sums['delete'], 'time')}."
    )
    days = periods(window)
    one = Series("requests", "", "first")

    def draw(size: Size) -> Any:
        columns = len(OPERATIONS) if size.is_wide else 1
        labels = bucket_labels(rows, 22 if size.is_wide else 34)
        seen = {(row["bucket_rank"], row["kind"]) for row in rows}
        panels = {
            (rank, kind): f"{label}: {verb}"
            for rank, label in labels.items()
            for kind, verb in OPERATIONS.items()
            if size.is_wide or (rank, kind) in seen
        }
        marks = [
            {
                "panel": panels[row["bucket_rank"], row["kind"]],
                "period": row["period"],
                "series": one.key,
                "amount": row["request_count"],
                "label": f"{panels[row['bucket_rank'], row['kind']]},"
                f" {row['period']}: {counted(row['request_count'], 'request')}",
            }
            for row in rows
        ]
        return charts.over_time_by_panel(
            marks, list(panels.values()), days, (one,), columns, size
        )

    return Section(
        name,
        heading,
        title,
        f"Requests for objects by {per_unit(window)}, bucket and kind; each panel has"
        " its own scale.",
        both(title, draw),
        (),
        [
            Table(
                f"Requests for objects by bucket, {per_unit(window)} and kind",
                [
                    *("bucket", window["unit"], "kind", "requests", "without error"),
                    *("received", "sent"),
                ],
                [
                    [
                        bucket_cell(row),
                        row["period"],
                        OPERATIONS[row["kind"]],
                        row["request_count"],
                        row["succeeded_count"],
                        size_of(row["bytes_in"]),
                        size_of(row["bytes_out"]),
                    ]
                    for row in rows
                ],
            )
        ],
        [
            f"From {window['first_day']} to {window['last_day']}. Denied requests are"
            " left out; listings are no reads."
        ],
    )


def denied(data: Data) -> Section:
    """Return denied requests by reason."""
    name, heading = "denied", "Denied requests"
    reasons, rows = data["denials"], data["denied"]
    if not reasons:
        return Section(
            name,
            heading,
            "No request was denied, as far as is logged.",
            notes=no_data_events(data),
        )
    total = sum(row["request_count"] for row in reasons)
    first = reasons[0]
    title = (
        f"Of {counted(total, 'denied request')}, {first['request_count']:,} were"
        f" denied by {reason(first)}."
    )
    one = Series("requests", "", "bad")
    drawings = both_bars(
        title,
        reasons,
        [reason(row) for row in reasons],
        "request",
        (one,),
        lambda row: one.key,
    )
    more = rows[0]["row_count"] - len(rows)
    return Section(
        name,
        heading,
        title,
        "Denied requests by the policy that denied them, all days that are loaded.",
        drawings,
        (),
        [
            Table(
                "Denied requests by reason",
                ["reason", "requests", "requesters", "buckets", "last day"],
                [
                    [
                        reason(row),
                        row["request_count"],
                        row["requester_count"],
                        row["bucket_count"],
                        row["last_day"],
                    ]
                    for row in reasons
                ],
            ),
            Table(
                "Who is denied, and what to do",
                ["requester and bucket", "why, and what to do", "requests", "last day"],
                [
                    [
                        Lines(
                            plain(row["requester"]),
                            [
                                plain(row["bucket_name"], "(no bucket)"),
                                f"mostly {plain(row['main_event_name'])},"
                                f" {plain(row['main_error_code'])}",
                            ],
                        ),
                        Lines(
                            f"Denied by {reason(row)}.", [Advice(plain(row["advice"]))]
                        ),
                        row["request_count"],
                        row["last_day"],
                    ]
                    for row in rows
                ],
                is_open=True,
            ),
        ],
        [f"The table fct_s3_denied_access has {more:,} more."] if more else [],
    )


def reason(row: Row) -> str:
    """Return what denied a request."""
    source = row["denial_source"]
    text = "a policy that is not named" if source == "unknown" else named(source)
    kind = {"explicit": ", which denies it", "implicit": ", which does not allow it"}
    return text + kind.get(row["denial_kind"], "")


def named(source: str) -> str:
    """Return a kind of policy as words."""
    words = {
        "identity_policy": "the requester's identity policy",
        "bucket_policy": "the bucket policy",
        "service_control_policy": "a service control policy",
        "resource_control_policy": "a resource control policy",
        "session_policy": "a session policy",
        "permissions_boundary": "a permissions boundary",
        "vpc_endpoint_policy": "a VPC endpoint policy",
        "block_public_access": "Block Public Access",
        "upload_encryption": "the bucket's rule on upload encryption",
    }
    return words.get(source, plain(source))


def coverage(data: Data) -> Section:
    """Return the calendar of what is logged."""
    name, heading = "coverage", "Coverage"
    rows = data["coverage"]
    (totals,) = data["coverage_totals"]
    if not rows:
        return Section(
            name,
            heading,
            "No bucket can be followed: no request in the logs names one.",
        )
    total, monitored = totals["bucket_count"], totals["monitored_count"]
    gaps = totals["with_gaps_count"]
    title = (
        f"Data events are logged for {monitored:,} of {counted(total, 'bucket')};"
        f" for {gaps:,} no log came on some days."
    )
    by_rank = {row["bucket_rank"]: row for row in rows}
    cells = [row for row in rows if row["day"] is not None]
    last = date.fromisoformat(data["header"]["window"]["last_day"])
    shown = data["header"]["limits"]["coverage_days"]
    days = [(last - timedelta(ago)).isoformat() for ago in reversed(range(shown))]
    full = charts.unlike([place(row) for row in by_rank.values()], 400)

    def draw(size: Size) -> Any:
        lines = charts.unlike(full, size.characters)
        line_of = dict(zip(by_rank, lines, strict=True))
        return charts.calendar(
            [
                {
                    "line": line_of[row["bucket_rank"]],
                    "period": row["day"],
                    "kind": row["coverage"],
                    "label": f"{line_of[row['bucket_rank']]}, {row['day']}:"
                    f" {COVERAGE[row['coverage']][0]}",
                }
                for row in cells
            ],
            days,
            lines,
            {kind: shape for kind, (_, shape) in COVERAGE.items()},
            size,
        )

    notes = [
        "Buckets with days without logs come first. A single one may be a day of rest;"
        " a row of them is a trail that was off, or logs that were not loaded."
    ]
    if len(by_rank) < total:
        notes.append(
            f"The table fct_s3_coverage_daily has {total - len(by_rank):,} more."
        )
    return Section(
        name,
        heading,
        title,
        f"One sign for each day (UTC) from {days[0]} to {days[-1]}, by account, region"
        " and bucket.",
        both(title, draw),
        [
            Key("mark square first", COVERAGE["data"][0]),
            Key("mark square hollow first", COVERAGE["management"][0]),
            Key("mark dot muted", COVERAGE["none"][0]),
            Key("mark cross bad", COVERAGE["gap"][0]),
        ],
        [
            Table(
                "Days of each bucket, all days that are loaded",
                [
                    *("bucket", "account", "region", "data events", "days"),
                    *("with data events", "without logs", "requests"),
                ],
                [
                    [
                        plain(row["bucket_name"]),
                        plain(row["account_id"], "unknown"),
                        plain(row["aws_region"], "unknown"),
                        "logged" if row["is_monitored"] else "not logged",
                        row["day_count"],
                        row["data_day_count"],
                        row["gap_day_count"],
                        row["event_count"],
                    ]
                    for row in by_rank.values()
                ],
            ),
            Table(
                "The calendar: days of each sign",
                ["bucket", *(label for label, _ in COVERAGE.values())],
                [
                    [
                        label,
                        *(
                            sum(
                                cell["bucket_rank"] == rank and cell["coverage"] == kind
                                for cell in cells
                            )
                            for kind in COVERAGE
                        ),
                    ]
                    for rank, label in zip(by_rank, full, strict=True)
                ],
            ),
        ],
        notes,
    )


def place(row: Row) -> str:
    """Return a bucket with the account and region that its requests are of."""
    return " · ".join(
        plain(row[key], "unknown")
        for key in ("bucket_name", "account_id", "aws_region")
    )


def findings(data: Data) -> Section:
    """Return the open findings, and what to do."""
    name, heading = "findings", "Top findings"
    rows, rules = data["findings"], data["findings_totals"]
    if not rules:
        return Section(
            name,
            heading,
            "No finding is open, as far as is logged.",
            notes=no_data_events(data),
        )
    total = sum(row["finding_count"] for row in rules)
    worst = rules[0]["severity"]
    of_worst = sum(r["finding_count"] for r in rules if r["severity"] == worst)
    title = (
        f"{counted(total, 'finding')} {is_one(total, 'is', 'are')} open;"
        f" {of_worst:,} {is_one(of_worst, 'is', 'are')} {worst}."
    )
    series = [
        Series(severity, severity, style, is_outlined)
        for severity, style, is_outlined in (
            ("critical", "bad", False),
            ("high", "bad", True),
            ("medium", "unsure", False),
            ("low", "unsure", True),
            ("info", "third", False),
        )
    ]

    drawings = both_bars(
        title,
        rules,
        [f"{rule['severity']} · {plain(rule['title'])}" for rule in rules],
        "finding",
        series,
        lambda rule: rule["severity"],
    )
    notes = []
    if total > len(rows):
        notes.append(
            f"The table fct_s3_findings has {total - len(rows):,} more; docs/rules.md"
            " has all rules."
        )
    return Section(
        name,
        heading,
        title,
        "Open findings by rule, all days that are loaded.",
        drawings,
        legend([one for one in series if any(r["severity"] == one.key for r in rules)]),
        [
            Table(
                "Open findings by rule",
                ["rule", "severity", "findings", "requests"],
                [
                    [
                        plain(row["title"]),
                        row["severity"],
                        row["finding_count"],
                        row["request_count"],
                    ]
                    for row in rules
                ],
            ),
            Table(
                "The worst open findings, and what to do",
                ["finding", "where and who", "what to do", "requests", "days", "seen"],
                [
                    [
                        Lines(
                            plain(row["title"]),
                            [
                                row["severity"]
                                + ", again" * (row["status"] == "regressed")
                            ],
                        ),
                        Lines(
                            plain(row["bucket_name"], ""),
                            [plain(row["requester"], ""), plain(row["detail"], "")],
                        ),
                        Lines(
                            Advice(plain(row["remedy"])),
                            [Link("What AWS says of it", row["source_url"])],
                        ),
                        row["request_count"],
                        row["day_count"],
                        Lines(row["first_day"], [f"to {row['last_day']}"]),
                    ]
                    for row in rows
                ],
                is_open=True,
            ),
        ],
        notes,
    )


def no_data_events(data: Data) -> list[str]:
    """Return why much may be missing, where nothing is logged of objects."""
    return [] if data["header"]["totals"]["data_requests"] else [NO_DATA_EVENTS]


SECTIONS: tuple[Callable[[Data], Section], ...] = (
    findings,
    readiness,
    burn_down,
    requesters,
    anonymous,
    objects,
    denied,
    coverage,
)
