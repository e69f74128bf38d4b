"""What the dashboards in Superset show: numbers, datasets, charts and filters.

superset_bundle.py writes it as Superset's files.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

Json = dict[str, Any]

# What is counted


@dataclass(frozen=True)
class Metric:
    """A number that charts show.

    Attributes:
        name: its name in SQL; Athena makes names lower case.
        label: what a reader sees.
        expression: an aggregate that both engines read.
        number_format: one of d3's for numbers or times, or `MEMORY_DECIMAL` for bytes.
        description: what is counted, where the label does not say it.
    """

    name: str
    label: str
    expression: str
    number_format: str = ",d"
    description: str | None = None


def requests_where(name: str, label: str, condition: str) -> Metric:
    """Return the number of requests that fulfil a condition, 0 if none does."""
    return Metric(
        name,
        label,
        f"coalesce(sum(case when {condition} then request_count else 0 end), 0)",
    )


def share(name: str, label: str, part: str, whole: str, description: str) -> Metric:
    """Return the share of requests that fulfil one condition among another's."""
    return Metric(
        name,
        label,
        f"cast(sum(case when {part} then request_count else 0 end) as double)"
        f" / nullif(sum(case when {whole} then request_count else 0 end), 0)",
        ".1%",
        description,
    )


def days_where(name: str, label: str, condition: str) -> Metric:
    """Return the number of bucket-days that fulfil a condition."""
    return Metric(
        name, label, f"coalesce(sum(case when {condition} then 1 else 0 end), 0)"
    )


DAY = "%Y-%m-%d"
MINUTE = "%Y-%m-%d %H:%M"
REQUESTS = Metric("requests", "Requests", "coalesce(sum(request_count), 0)")
LAST_SEEN = Metric("last_seen", "Last seen (UTC)", "max(last_seen_at)", MINUTE)
SIGV2 = "signature_version = 'SigV2'"
ACTIVITY_METRICS = (
    REQUESTS,
    Metric("requesters", "Requesters", "count(distinct requester)"),
    Metric("buckets", "Buckets", "count(distinct bucket_name)"),
    # As a double: a table cannot show an integer that a browser's numbers cannot hold,
    # and what a log calls a count of bytes may be any.
    Metric(
        "bytes_to_s3",
        "Bytes in",
        "cast(coalesce(sum(bytes_in), 0) as double)",
        "MEMORY_DECIMAL",
        "Bytes that clients sent, as far as they are logged.",
    ),
    Metric(
        "bytes_from_s3",
        "Bytes out",
        "cast(coalesce(sum(bytes_out), 0) as double)",
        "MEMORY_DECIMAL",
        "Bytes that S3 sent, as far as they are logged.",
    ),
    requests_where("sigv2_requests", "SigV2 requests", SIGV2),
    share(
        "sigv2_share",
        "SigV2 share",
        SIGV2,
        "signature_version is not null",
        "Of the requests that say how they were signed.",
    ),
    requests_where("reads", "Reads", "operation_class = 'read'"),
    requests_where("lists", "Lists", "operation_class = 'list'"),
    requests_where("writes", "Writes", "operation_class = 'write'"),
    requests_where("deletes", "Deletes", "operation_class = 'delete'"),
    requests_where("succeeded", "Succeeded", "error_code is null"),
    requests_where(
        "failed", "Failed otherwise", "error_code is not null and not is_denied"
    ),
    Metric("denied", "Denied", "coalesce(sum(denied_count), 0)"),
    Metric(
        "denied_share",
        "Denied share",
        "cast(sum(denied_count) as double) / nullif(sum(request_count), 0)",
        ".1%",
        "Of all requests.",
    ),
    LAST_SEEN,
)

# Where it is counted


@dataclass(frozen=True)
class Dataset:
    """A table of the project, or a query of its tables that both engines run.

    Attributes:
        name: the table's name, or that of the query.
        metrics: what can be counted in it.
        time: the day that the time filter looks at, none if it has none.
        sql: the query; without one the dataset is the table itself.
        columns: names and types of the query's columns; a table's are read from the
            YAML beside its model.
        description: what a row is, of a query.
    """

    name: str
    metrics: tuple[Metric, ...]
    time: str | None = None
    sql: str | None = None
    columns: tuple[tuple[str, str], ...] = ()
    description: str | None = None


ACTIVITY = Dataset("fct_s3_activity_daily", ACTIVITY_METRICS, "event_date")
COVERAGE = Dataset(
    "fct_s3_coverage_daily",
    (
        Metric(
            "days_delivered",
            "Days with logs",
            "count(distinct case when is_delivered then event_date end)",
        ),
        Metric(
            "days_missing",
            "Days without logs",
            "count(distinct case when is_gap then event_date end)",
            description="Days on which the trail of some account told nothing.",
        ),
        Metric("covered_buckets", "Buckets", "count(distinct bucket_name)"),
        Metric(
            "unmonitored_buckets",
            "Buckets without data events",
            "count(distinct case when not is_monitored then bucket_name end)",
            description="Of these the logs tell nothing of requests for objects.",
        ),
        days_where("days_with_data", "With data events", "has_data_events"),
        days_where(
            "days_quiet",
            "Without data events",
            "is_delivered and not has_data_events",
        ),
        days_where("days_gap", "No logs", "is_gap"),
        Metric("management_events", "Management events", "sum(management_event_count)"),
        Metric("data_events", "Data events", "sum(data_event_count)"),
        Metric("first_day", "First day", "min(event_date)", DAY),
        Metric("last_day", "Last day", "max(event_date)", DAY),
        Metric(
            "last_data_event",
            "Last data event (UTC)",
            "max(last_data_event_at)",
            MINUTE,
        ),
    ),
    "event_date",
)
LOG_FILES = Dataset(
    "fct_cloudtrail_log_files",
    (
        Metric("log_files", "Log files", "count(*)"),
        Metric("records", "S3 records", "sum(s3_record_count)"),
        Metric("counted", "Counted as requests", "sum(request_count)"),
        Metric("copies", "Further copies", "sum(duplicate_count)"),
        Metric("unplaceable", "Unplaceable", "sum(unplaceable_count)"),
    ),
    "log_date",
)
WHERE = (
    ("account_id", "VARCHAR"),
    ("aws_region", "VARCHAR"),
    ("bucket_name", "VARCHAR"),
)
SIGV2_DAILY = Dataset(
    "s3_sigv2_daily",
    (
        REQUESTS,
        Metric("buckets", "Buckets", "count(distinct bucket_name)"),
        LAST_SEEN,
    ),
    "event_date",
    """\
select
    activity.event_date,
    activity.account_id,
    activity.aws_region,
    activity.bucket_name,
    activity.requester,
    activity.authentication_method,
    activity.client_name,
    activity.client_version,
    activity.request_count,
    activity.last_seen_at,
    requesters.requester_kind,
    requesters.remedy
from fct_s3_activity_daily as activity
left join fct_s3_sigv2_requesters as requesters
    on activity.requester = requesters.requester
where activity.signature_version = 'SigV2'
""",
    (
        ("event_date", "DATE"),
        *WHERE,
        ("requester", "VARCHAR"),
        ("authentication_method", "VARCHAR"),
        ("client_name", "VARCHAR"),
        ("client_version", "VARCHAR"),
        ("request_count", "BIGINT"),
        ("last_seen_at", "TIMESTAMP"),
        ("requester_kind", "VARCHAR"),
        ("remedy", "VARCHAR"),
    ),
    "The SigV2 rows of fct_s3_activity_daily, with what the requester must do.",
)
READINESS = Dataset(
    "s3_sigv2_readiness",
    (
        Metric("readiness_buckets", "Buckets", "count(*)"),
        Metric("breaking", "Requests that would break", "sum(breaking_request_count)"),
    ),
    sql="""\
select
    bucket_account_id as account_id,
    aws_region,
    bucket_name,
    verdict,
    verdict_reason,
    breaking_request_count,
    breaking_requester_count,
    last_breaking_at,
    covered_day_count,
    top_requester
from fct_s3_enforcement_readiness
where control = 'deny_sigv2'
""",
    columns=(
        *WHERE,
        ("verdict", "VARCHAR"),
        ("verdict_reason", "VARCHAR"),
        ("breaking_request_count", "BIGINT"),
        ("breaking_requester_count", "BIGINT"),
        ("last_breaking_at", "TIMESTAMP"),
        ("covered_day_count", "BIGINT"),
        ("top_requester", "VARCHAR"),
    ),
    description="A row per bucket: can SigV2 be denied; the account is its owner's.",
)
DENIALS = Dataset(
    "s3_denials",
    (REQUESTS,),
    sql="""\
select
    buckets.bucket_account_id as account_id,
    buckets.aws_region,
    denials.bucket_name,
    denials.requester,
    denials.denial_source,
    denials.request_count,
    denials.last_seen_at,
    denials.advice
from fct_s3_denied_access as denials
left join dim_s3_buckets as buckets
    on denials.bucket_name = buckets.bucket_name
""",
    columns=(
        *WHERE,
        ("requester", "VARCHAR"),
        ("denial_source", "VARCHAR"),
        ("request_count", "BIGINT"),
        ("last_seen_at", "TIMESTAMP"),
        ("advice", "VARCHAR"),
    ),
    description="fct_s3_denied_access, with the bucket's owner and region.",
)
DATASETS = (ACTIVITY, COVERAGE, LOG_FILES, SIGV2_DAILY, READINESS, DENIALS)

LABELS = {
    "account_id": "Account",
    "aws_region": "Region",
    "bucket_name": "Bucket",
    "requester": "Requester",
    "requester_kind": "Kind",
    "event_name": "Action",
    "event_date": "Day (UTC)",
    "log_date": "Log day",
    "error_code": "Error",
    "client_name": "Client",
    "client_version": "Version",
    "signature_version": "Signature",
    "authentication_method": "Signed in",
    "operation_class": "Class of action",
    "remedy": "What to do",
    "advice": "What to do",
    "verdict": "Deny SigV2",
    "verdict_reason": "Why",
    "breaking_request_count": "Would break",
    "breaking_requester_count": "Of requesters",
    "last_breaking_at": "Last one (UTC)",
    "covered_day_count": "Days covered",
    "top_requester": "Who most",
    "denial_source": "Denied by",
    "request_count": "Requests",
    "last_seen_at": "Last seen (UTC)",
}


# How it is shown


@dataclass(frozen=True)
class Chart:
    """A chart of a dashboard.

    Attributes:
        title: says what it shows.
        kind: Superset's name of its kind.
        dataset: what it reads.
        params: what its kind asks for.
        width: of the twelve columns of a dashboard.
        height: in Superset's units of 8 pixels.
        where: conditions that hold for it in any case.
        description: shown behind the title's i.
    """

    title: str
    kind: str
    dataset: Dataset
    params: Json
    width: int
    height: int
    where: tuple[str, ...] = ()
    description: str | None = None


def metric_of(dataset: Dataset, name: str) -> Metric:
    """Return a dataset's metric."""
    return next(metric for metric in dataset.metrics if metric.name == name)


def number(
    title: str,
    dataset: Dataset,
    metric: str,
    *where: str,
    subtitle: str = "",
) -> Chart:
    """Return a chart of one number."""
    shown = metric_of(dataset, metric)
    params = {
        "metric": metric,
        "y_axis_format": shown.number_format,
        "header_font_size": 0.4,
        "subtitle": subtitle,
        "subtitle_font_size": 0.125,
        "show_metric_name": False,
    }
    return Chart(
        title,
        "big_number_total",
        dataset,
        params,
        3,
        20,
        where,
        shown.description,
    )


def by_day(
    title: str,
    dataset: Dataset,
    metrics: tuple[str, ...],
    *where: str,
    split: str | None = None,
    axis: str = "Requests",
    lines: bool = False,
    log: bool = False,
    width: int = 6,
    description: str | None = None,
) -> Chart:
    """Return a chart with a bar, or a point of a line, for each day.

    Args:
        title: says what it shows.
        dataset: what it reads; its time is the axis.
        metrics: what is drawn, stacked.
        where: conditions.
        split: a column whose values are drawn apart.
        axis: the title of the axis of numbers.
        lines: draw lines.
        log: draw the numbers on a logarithmic scale.
        width: of the dashboard's columns.
        description: what the title does not say.
    """
    shown = metric_of(dataset, metrics[0])
    legend = bool(split) or len(metrics) > 1
    params: Json = {
        "x_axis": dataset.time,
        "time_grain_sqla": "P1D",
        "metrics": list(metrics),
        "groupby": [split] if split else [],
        "orientation": "vertical",
        "stack": None if lines or log else "Stack",
        "show_legend": legend,
        "legendOrientation": "top",
        "legendType": "scroll",
        "x_axis_time_format": DAY,
        "x_axis_title": "",
        "tooltipTimeFormat": DAY,
        "y_axis_format": shown.number_format,
        "y_axis_title": axis,
        "y_axis_title_margin": 55,
        "y_axis_title_position": "Left",
        "logAxis": log,
        "minorTicks": False,
        "truncateYAxis": False,
        "y_axis_bounds": [None, None],
        "rich_tooltip": True,
        "showTooltipTotal": bool(legend and not log),
        "sort_series_type": "sum",
        "order_desc": True,
        "row_limit": 50000,
        "truncate_metric": True,
        "show_empty_columns": True,
        "color_scheme": "supersetColors",
    }
    if lines:
        params |= {"seriesType": "line", "markerEnabled": True, "markerSize": 6}
    kind = "echarts_timeseries_line" if lines else "echarts_timeseries_bar"
    return Chart(title, kind, dataset, params, width, 42, where, description)


def ranking(
    title: str,
    dataset: Dataset,
    column: str,
    metrics: tuple[str, ...],
    *where: str,
    height: int = 42,
) -> Chart:
    """Return a chart with a bar for each of the values of most requests."""
    params: Json = {
        "x_axis": column,
        "metrics": list(metrics),
        "groupby": [],
        "orientation": "horizontal",
        "stack": "Stack",
        "x_axis_sort": metrics[0],
        "x_axis_sort_asc": True,
        "xAxisForceCategorical": True,
        "show_legend": len(metrics) > 1,
        "legendOrientation": "top",
        "legendType": "scroll",
        "show_value": len(metrics) == 1,
        "y_axis_format": metric_of(dataset, metrics[0]).number_format,
        "rich_tooltip": True,
        "order_desc": True,
        "timeseries_limit_metric": "requests",
        "row_limit": 12,
        "truncate_metric": True,
        "color_scheme": "supersetColors",
    }
    return Chart(title, "echarts_timeseries_bar", dataset, params, 6, height, where)


def table(
    title: str,
    dataset: Dataset,
    columns: tuple[str, ...],
    metrics: tuple[str, ...],
    *where: str,
    widths: dict[str, int] | None = None,
    width: int = 12,
    height: int = 64,
    description: str | None = None,
) -> Chart:
    """Return a table, the rows with most of its first metric first.

    Without metrics it shows the rows of the dataset itself, the last column of
    numbers first.
    """
    formats: Json = {}
    for name, size in (widths or {}).items():
        formats.setdefault(name, {})["columnWidth"] = size
    for name in metrics:
        shown = metric_of(dataset, name)
        key = "d3TimeFormat" if shown.number_format[:2] == "%Y" else "d3NumberFormat"
        formats.setdefault(name, {})[key] = shown.number_format
    params: Json = {
        "table_timestamp_format": MINUTE,
        "column_config": formats,
        "row_limit": 1000,
        "page_length": 10,
        "include_search": True,
        "show_cell_bars": False,
        "color_pn": False,
        "allow_render_html": False,
        "order_desc": True,
    }
    if metrics:
        params |= {
            "query_mode": "aggregate",
            "groupby": list(columns),
            "metrics": list(metrics),
            "timeseries_limit_metric": metrics[0],
        }
    else:
        order = next(name for name, kind in dataset.columns if kind == "BIGINT")
        params |= {
            "query_mode": "raw",
            "all_columns": list(columns),
            "order_by_cols": [json.dumps([order, False])],
        }
    return Chart(title, "table", dataset, params, width, height, where, description)


@dataclass(frozen=True)
class Text:
    """A box of text in Markdown."""

    code: str
    width: int = 12
    height: int = 14


@dataclass(frozen=True)
class Dashboard:
    """A dashboard.

    Attributes:
        title: its name.
        slug: the end of its address.
        description: what it answers.
        rows: what stands side by side, from the top.
    """

    title: str
    slug: str
    description: str
    rows: tuple[tuple[Chart | Text, ...], ...]

    @property
    def charts(self) -> list[Chart]:
        """All charts, from the top."""
        return [part for row in self.rows for part in row if isinstance(part, Chart)]


# The dashboards

OBJECTS = "resource_level = 'object'"
ANONYMOUS = "is_anonymous"
NOT_BY_TIME = (
    "State after the last build, of all days: the time filter leaves it alone."
)

DASHBOARDS = (
    Dashboard(
        "SigV2 migration",
        "cloudtrail-s3-sigv2",
        "Who still signs with Signature Version 2, and what must each of them do?",
        (
            (
                Text(
                    "### Who still signs with Signature Version 2?\n\n"
                    "Requests by account, region, bucket and day of the request (UTC)."
                    " A request whose signature is not logged, as of AWS services or"
                    " before 2019, counts as neither."
                ),
            ),
            (
                number("SigV2 requests", ACTIVITY, "sigv2_requests"),
                number(
                    "SigV2 share",
                    ACTIVITY,
                    "sigv2_share",
                    subtitle="of the requests that say how they were signed",
                ),
                number("SigV2 requesters", ACTIVITY, "requesters", SIGV2),
                number("Buckets with SigV2", ACTIVITY, "buckets", SIGV2),
            ),
            (
                by_day(
                    "SigV2 requests by day and where the signature stands",
                    SIGV2_DAILY,
                    ("requests",),
                    split="authentication_method",
                    description="AuthHeader: a header. QueryString: a presigned URL."
                    " HtmlForm: an upload from a browser.",
                ),
                by_day(
                    "SigV2 share by day",
                    ACTIVITY,
                    ("sigv2_share",),
                    axis="Share of signed requests",
                    lines=True,
                ),
            ),
            (
                table(
                    "SigV2 requesters and what to do",
                    SIGV2_DAILY,
                    ("requester", "requester_kind", "remedy"),
                    ("requests", "buckets", "last_seen"),
                    widths={"requester": 290, "remedy": 450, "last_seen": 130},
                ),
            ),
            (
                ranking(
                    "SigV2 requests by bucket",
                    SIGV2_DAILY,
                    "bucket_name",
                    ("requests",),
                    height=64,
                ),
                table(
                    "Clients that sign with SigV2",
                    SIGV2_DAILY,
                    ("client_name", "client_version"),
                    ("requests", "last_seen"),
                    width=6,
                ),
            ),
            (
                table(
                    "Can SigV2 be denied? (all days)",
                    READINESS,
                    (
                        "bucket_name",
                        "verdict",
                        "verdict_reason",
                        "breaking_request_count",
                        "breaking_requester_count",
                        "last_breaking_at",
                        "covered_day_count",
                        "top_requester",
                    ),
                    (),
                    description=NOT_BY_TIME
                    + " The account is the bucket owner's. docs/decisions.md says"
                    " what each reason means.",
                ),
            ),
        ),
    ),
    Dashboard(
        "Object access",
        "cloudtrail-s3-objects",
        "Who reads, writes, lists and deletes objects, in which bucket, and how much?",
        (
            (
                Text(
                    "### Who reads, writes, lists and deletes objects?\n\n"
                    "Requests for objects, denied ones included, by account, region,"
                    " bucket and day of the request (UTC). Only buckets whose data"
                    " events are logged have any: see *Coverage and cost*."
                ),
            ),
            (
                number("Object requests", ACTIVITY, "requests", OBJECTS),
                number("Object requesters", ACTIVITY, "requesters", OBJECTS),
                number("Object bytes out", ACTIVITY, "bytes_from_s3", OBJECTS),
                number("Object bytes in", ACTIVITY, "bytes_to_s3", OBJECTS),
            ),
            (
                by_day(
                    "Object requests by day and class of action",
                    ACTIVITY,
                    ("requests",),
                    OBJECTS,
                    split="operation_class",
                    width=12,
                ),
            ),
            (
                table(
                    "Objects by bucket",
                    ACTIVITY,
                    ("bucket_name",),
                    (
                        "requests",
                        "reads",
                        "lists",
                        "writes",
                        "deletes",
                        "denied",
                        "requesters",
                        "bytes_to_s3",
                        "bytes_from_s3",
                        "last_seen",
                    ),
                    OBJECTS,
                    widths={"bucket_name": 230},
                ),
            ),
            (
                ranking(
                    "Actions on objects",
                    ACTIVITY,
                    "event_name",
                    ("requests",),
                    OBJECTS,
                ),
                ranking(
                    "Object requests by bucket",
                    ACTIVITY,
                    "bucket_name",
                    ("reads", "lists", "writes", "deletes"),
                    OBJECTS,
                ),
            ),
            (
                table(
                    "Objects by requester",
                    ACTIVITY,
                    ("requester",),
                    (
                        "requests",
                        "reads",
                        "writes",
                        "deletes",
                        "denied",
                        "buckets",
                        "bytes_to_s3",
                        "bytes_from_s3",
                        "last_seen",
                    ),
                    OBJECTS,
                    widths={"requester": 330},
                ),
            ),
        ),
    ),
    Dashboard(
        "Anonymous and denied access",
        "cloudtrail-s3-anonymous-denied",
        "Which buckets are read without a name, who is denied, and why?",
        (
            (
                Text(
                    "### Who comes without a name, and who is turned away?\n\n"
                    "By account, region, bucket and day of the request (UTC)."
                    " CloudTrail does not log requests whose authentication failed."
                ),
            ),
            (
                number(
                    "Anonymous",
                    ACTIVITY,
                    "requests",
                    ANONYMOUS,
                    subtitle="requests without a name",
                ),
                number(
                    "Let in",
                    ACTIVITY,
                    "succeeded",
                    ANONYMOUS,
                    subtitle="anonymous requests that succeeded",
                ),
                number("Denied requests", ACTIVITY, "denied"),
                number(
                    "Denied share",
                    ACTIVITY,
                    "denied_share",
                    subtitle="of all requests",
                ),
            ),
            (
                by_day(
                    "Anonymous requests by day",
                    ACTIVITY,
                    ("succeeded", "denied", "failed"),
                    ANONYMOUS,
                ),
                by_day(
                    "Denied requests by day and error",
                    ACTIVITY,
                    ("denied",),
                    "is_denied",
                    split="error_code",
                ),
            ),
            (
                table(
                    "Anonymous access by bucket",
                    ACTIVITY,
                    ("bucket_name", "event_name"),
                    (
                        "requests",
                        "succeeded",
                        "denied",
                        "failed",
                        "bytes_from_s3",
                        "last_seen",
                    ),
                    ANONYMOUS,
                    widths={"bucket_name": 230},
                    height=48,
                ),
            ),
            (
                table(
                    "Denied requests by requester",
                    ACTIVITY,
                    ("requester", "bucket_name", "event_name", "error_code"),
                    ("denied", "last_seen"),
                    "is_denied",
                    widths={"requester": 330},
                ),
            ),
            (
                table(
                    "Why access is denied, and what to do (all days)",
                    DENIALS,
                    (
                        "requester",
                        "bucket_name",
                        "denial_source",
                        "request_count",
                        "last_seen_at",
                        "advice",
                    ),
                    (),
                    widths={"requester": 290, "advice": 420},
                    description=NOT_BY_TIME + " Account and region are the bucket's.",
                ),
            ),
        ),
    ),
    Dashboard(
        "Coverage and cost",
        "cloudtrail-s3-coverage-cost",
        "Of which buckets and days do the logs tell, and what drives costs?",
        (
            (
                Text(
                    "### Of which buckets and days do the logs tell?\n\n"
                    "A bucket-day is a bucket on a calendar day (UTC), from its first"
                    " request on. *No logs*: the account's trail told of no request to"
                    " S3 on that day. A bucket without any data events is known from"
                    " management events alone: nobody can tell who uses its objects."
                ),
            ),
            (
                number("Days with logs", COVERAGE, "days_delivered"),
                number(
                    "Days with gaps",
                    COVERAGE,
                    "days_missing",
                    subtitle="of some account",
                ),
                number("Buckets seen", COVERAGE, "covered_buckets"),
                number(
                    "Unmonitored",
                    COVERAGE,
                    "unmonitored_buckets",
                    subtitle="buckets without data events",
                ),
            ),
            (
                by_day(
                    "Bucket-days by day",
                    COVERAGE,
                    ("days_with_data", "days_quiet", "days_gap"),
                    axis="Bucket-days",
                ),
                by_day(
                    "S3 records by log day",
                    LOG_FILES,
                    ("counted", "copies", "unplaceable"),
                    # The day of files whose name and folder tell none.
                    "log_date > date '1970-01-01'",
                    axis="S3 records",
                    description="By day of delivery, of the files with S3 records. A"
                    " log file is of many buckets: the bucket filter leaves it alone.",
                ),
            ),
            (
                table(
                    "Coverage by bucket",
                    COVERAGE,
                    ("account_id", "aws_region", "bucket_name"),
                    (
                        "days_with_data",
                        "days_quiet",
                        "days_gap",
                        "data_events",
                        "management_events",
                        "first_day",
                        "last_day",
                        "last_data_event",
                    ),
                    widths={"aws_region": 110, "bucket_name": 210},
                    height=68,
                ),
            ),
            (
                Text(
                    "### What drives costs\n\n"
                    "No table holds prices or bills. S3 charges for requests and for"
                    " bytes that leave it, CloudTrail for data events, Athena for"
                    " bytes scanned: below is what the logs tell of the first two."
                    " What Athena scanned in a run, and its price, tells"
                    " `make cost-report`.",
                ),
            ),
            (
                by_day(
                    "Requests by day and class",
                    ACTIVITY,
                    ("requests",),
                    split="event_category",
                ),
                by_day(
                    "Bytes by day (logarithmic)",
                    ACTIVITY,
                    ("bytes_from_s3", "bytes_to_s3"),
                    axis="Bytes",
                    log=True,
                    description="As logged. A day without bytes has no bar.",
                ),
            ),
            (
                table(
                    "Requests and bytes by bucket",
                    ACTIVITY,
                    ("account_id", "aws_region", "bucket_name"),
                    (
                        "requests",
                        "reads",
                        "lists",
                        "writes",
                        "bytes_from_s3",
                        "bytes_to_s3",
                    ),
                    widths={"bucket_name": 230},
                ),
            ),
            (
                table(
                    "Log files by account and region",
                    LOG_FILES,
                    ("account_id", "aws_region"),
                    ("log_files", "records", "counted", "copies", "unplaceable"),
                    height=48,
                    description="Files with S3 records. The bucket filter leaves it"
                    " alone.",
                ),
            ),
        ),
    ),
)


@dataclass(frozen=True)
class Filter:
    """A filter of every dashboard.

    Attributes:
        name: its name.
        column: the column that it looks at; the time filter looks at each dataset's.
        description: what it filters by.
    """

    name: str
    column: str | None
    description: str


FILTERS = (
    Filter("Time", None, "Day, UTC: of the request, or of the log file."),
    Filter(
        "Account",
        "account_id",
        "Account whose trail logged the request; of tables of all days, the bucket's.",
    ),
    Filter("Region", "aws_region", "Region of the request, or of the bucket."),
    Filter("Bucket", "bucket_name", "Bucket that the request names."),
)


# By the name of a metric, or a value: the same everywhere, what is wrong in red.
GREEN, RED, BLUE, NAVY, GREY, YELLOW = (
    "#5AC189",
    "#E04355",
    "#1FA8C9",
    "#454E7C",
    "#A9C6D9",
    "#FCC700",
)
COLORS = {
    "succeeded": GREEN,
    "denied": RED,
    "failed": YELLOW,
    "days_with_data": GREEN,
    "days_quiet": GREY,
    "days_gap": RED,
    **dict.fromkeys(("read", "reads"), BLUE),
    **dict.fromkeys(("write", "writes"), NAVY),
    **dict.fromkeys(("list", "lists"), GREEN),
    **dict.fromkeys(("delete", "deletes"), RED),
}
