{#-
    Prints the rows of the report, a line of JSON for each section, which
    `make report` draws: a macro cannot write files. Only tables of counts and
    decisions are read, and each section has a bound on its rows.
-#}
{% macro cloudtrail_report_data() %}
    {%- if not execute -%}
        {{ return("") }}
    {%- endif -%}
    {%- set tables = {} -%}
    {%- for name in [
        "fct_s3_activity_daily",
        "fct_s3_coverage_daily",
        "fct_s3_denied_access",
        "fct_s3_enforcement_readiness",
        "fct_s3_findings",
        "fct_s3_sigv2_burn_down",
        "fct_s3_sigv2_requesters",
        "fct_cloudtrail_loads",
    ] -%}
        {%- do tables.update({
            name: cloudtrail_s3.cloudtrail_summary_source(name)
        }) -%}
    {%- endfor -%}
    {%- set days = cloudtrail_s3.cloudtrail_summary_source(
        "int_cloudtrail_days"
    ) -%}
    {%- set activity = tables["fct_s3_activity_daily"] -%}
    {%- set window = cloudtrail_s3.cloudtrail_report_window(activity, days) -%}
    {%- do print(tojson({
        "section": "header",
        "totals": cloudtrail_s3.cloudtrail_report_row(
            cloudtrail_s3.cloudtrail_summary_totals(activity)
        ),
        "loads": cloudtrail_s3.cloudtrail_summary_loads(
            tables["fct_cloudtrail_loads"]
        ),
        "quiet_days": cloudtrail_s3.cloudtrail_var_integer(
            "cloudtrail_quiet_days"
        ),
        "window": window,
        "limits": cloudtrail_s3.cloudtrail_report_limits(),
    })) -%}
    {%- for section, query in {
        "scope": cloudtrail_s3.cloudtrail_report_scope(activity, window),
        "readiness": cloudtrail_s3.cloudtrail_report_readiness(
            tables["fct_s3_enforcement_readiness"]
        ),
        "readiness_totals": cloudtrail_s3.cloudtrail_report_readiness_totals(
            tables["fct_s3_enforcement_readiness"]
        ),
        "burn_down": cloudtrail_s3.cloudtrail_report_burn_down(
            tables["fct_s3_sigv2_burn_down"], window
        ),
        "burn_down_totals": cloudtrail_s3.cloudtrail_report_burn_down_totals(
            tables["fct_s3_sigv2_burn_down"], window
        ),
        "requesters": cloudtrail_s3.cloudtrail_report_requesters(
            tables["fct_s3_sigv2_requesters"]
        ),
        "requesters_totals":
            cloudtrail_s3.cloudtrail_report_requesters_totals(
                tables["fct_s3_sigv2_requesters"]
            ),
        "anonymous": cloudtrail_s3.cloudtrail_report_by_bucket(
            activity, window, "is_anonymous", "'anonymous'"
        ),
        "objects": cloudtrail_s3.cloudtrail_report_by_bucket(
            activity,
            window,
            "not is_denied and resource_level = 'object'"
            ~ " and operation_class in ('read', 'write', 'delete')",
            "operation_class"
        ),
        "denials": cloudtrail_s3.cloudtrail_report_denials(
            tables["fct_s3_denied_access"]
        ),
        "denied": cloudtrail_s3.cloudtrail_report_denied(
            tables["fct_s3_denied_access"]
        ),
        "coverage": cloudtrail_s3.cloudtrail_report_coverage(
            tables["fct_s3_coverage_daily"], window
        ),
        "coverage_totals": cloudtrail_s3.cloudtrail_report_coverage_totals(
            tables["fct_s3_coverage_daily"]
        ),
        "findings": cloudtrail_s3.cloudtrail_report_findings(),
        "findings_totals": cloudtrail_s3.cloudtrail_report_findings_totals(),
    }.items() -%}
        {%- set rows = [] -%}
        {%- for row in run_query(query).rows -%}
            {%- do rows.append(cloudtrail_s3.cloudtrail_report_row(row)) -%}
        {%- endfor -%}
        {%- do print(tojson({"section": section, "rows": rows})) -%}
    {%- endfor -%}
{% endmacro %}


{% macro cloudtrail_report_row(row) %}
    {%- set values = {} -%}
    {%- for name in row.keys() -%}
        {#- A whole number that dbt took for a decimal is no JSON. -#}
        {%- set value = row[name] -%}
        {%- do values.update({
            name: value | int if value is number and value is not boolean
            else value
        }) -%}
    {%- endfor -%}
    {{ return(values) }}
{% endmacro %}


{% macro cloudtrail_report_limits() %}
    {#- The most of each that are shown; the report tells of the others. -#}
    {{ return({
        "readiness_buckets": 30,
        "requesters": 15,
        "buckets": 5,
        "denied": 15,
        "coverage_buckets": 20,
        "coverage_days": 35,
        "findings": 20,
    }) }}
{% endmacro %}


{#- A record with a time of the far future moves nothing: the window ends with
    the day after the last complete one. It is the shortest of four weeks, two
    months and a year that holds most of that year's requests. -#}
{% macro cloudtrail_report_window(activity, days) %}
    {%- set ends = run_query(
        "select
            cast(coalesce(
                max(case
                    when event_date <= complete.last_day + interval '1' day
                        then event_date
                end),
                max(event_date)
            ) as varchar) as last_day,
            cast(max(complete.last_day) as varchar) as complete_day
        from " ~ activity ~ "
        cross join (
            select max(calendar_date) as last_day from " ~ days ~ "
        ) as complete"
    ).rows[0] -%}
    {%- if ends["last_day"] is none -%}
        {{ return({
            "first_day": none,
            "last_day": none,
            "complete_day": none,
            "unit": "day",
        }) }}
    {%- endif -%}
    {%- set last = ends["last_day"][:10] -%}
    {%- set lengths = [28, 62, 364] -%}
    {%- set columns = [] -%}
    {%- for length in lengths -%}
        {%- set inside = "event_date >= date '"
            ~ cloudtrail_s3.cloudtrail_add_days(last, 1 - length) ~ "'" -%}
        {%- do columns.append(
            cloudtrail_s3.cloudtrail_report_sum(inside) ~ " as requests_"
            ~ length ~ ", cast(min(case when " ~ inside
            ~ " then event_date end) as varchar) as first_" ~ length
        ) -%}
    {%- endfor -%}
    {%- set held = run_query(
        "select " ~ columns | join(", ") ~ " from " ~ activity
        ~ " where event_date <= date '" ~ last ~ "'"
    ).rows[0] -%}
    {%- set fitting = [] -%}
    {%- for length in lengths -%}
        {%- if held["requests_" ~ length] * 10 >= held["requests_364"] * 9 -%}
            {%- do fitting.append(length) -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return({
        "first_day": held["first_" ~ fitting[0]][:10],
        "last_day": last,
        "complete_day": ends["complete_day"],
        "unit": "week" if fitting[0] == 364 else "day",
    }) }}
{% endmacro %}


{% macro cloudtrail_report_in_window(window) %}
    {%- if window["last_day"] is none -%}
        false
    {%- else -%}
        event_date between date '{{ window["first_day"] }}'
            and date '{{ window["last_day"] }}'
    {%- endif -%}
{% endmacro %}


{% macro cloudtrail_report_period(window) %}
    {#- The day, or the Monday of its week, as text. -#}
    {%- if window["unit"] == "day" -%}
        cast(event_date as varchar)
    {%- else -%}
        cast(cast(date_trunc('week', event_date) as date) as varchar)
    {%- endif -%}
{% endmacro %}


{% macro cloudtrail_report_sum(condition, value="request_count") %}
    cast(coalesce(sum(case when {{ condition }} then {{ value }} end), 0)
        as bigint)
{% endmacro %}


{% macro cloudtrail_report_scope(activity, window) %}
    {%- set in_window = cloudtrail_s3.cloudtrail_report_in_window(window) -%}
    select
        count(distinct account_id) as account_count,
        count(distinct aws_region) as region_count,
        count(distinct bucket_name) as bucket_count,
        count(distinct requester) as requester_count,
        cast(coalesce(sum(denied_count), 0) as bigint) as denied_count,
        {{ cloudtrail_s3.cloudtrail_report_sum("is_anonymous",
            "denied_count") }} as anonymous_denied_count,
        {{ cloudtrail_s3.cloudtrail_report_sum(
            "signature_version = 'SigV2'") }} as sigv2_count,
        {{ cloudtrail_s3.cloudtrail_report_sum(
            "not (" ~ in_window ~ ")") }} as other_days_count
    from {{ activity }}
{% endmacro %}


{% macro cloudtrail_report_readiness(readiness) %}
    {%- set limits = cloudtrail_s3.cloudtrail_report_limits() -%}
    with judged as (

        select
            *,
            sum(case when verdict = 'not_ready' then 1 else 0 end)
                over (partition by bucket_name) as breaking,
            sum(case when verdict = 'ready' then 1 else 0 end)
                over (partition by bucket_name) as proven
        from {{ readiness }}

    ),

    ranked as (

        select
            *,
            dense_rank() over (
                order by breaking desc, proven desc, bucket_name
            ) as bucket_rank
        from judged

    )

    select
        bucket_name,
        control,
        verdict,
        verdict_reason,
        status,
        breaking_request_count,
        breaking_requester_count,
        breaking_total_request_count,
        top_requester,
        cast(cast(last_breaking_at as date) as varchar) as last_day,
        covered_day_count
    from ranked
    where bucket_rank <= {{ limits["readiness_buckets"] }}
    order by bucket_rank, control
{% endmacro %}


{% macro cloudtrail_report_readiness_totals(readiness) %}
    select
        control,
        verdict,
        count(*) as bucket_count
    from {{ readiness }}
    group by 1, 2
    order by 1, 2
{% endmacro %}


{% macro cloudtrail_report_burn_down(burn_down, window) %}
    select
        {{ cloudtrail_s3.cloudtrail_report_period(window) }} as period,
        signing,
        cast(sum(request_count) as bigint) as request_count,
        cast(sum(denied_count) as bigint) as denied_count,
        count(distinct requester) as requester_count
    from {{ burn_down }}
    where {{ cloudtrail_s3.cloudtrail_report_in_window(window) }}
    group by 1, 2
    order by 1, 2
{% endmacro %}


{% macro cloudtrail_report_burn_down_totals(burn_down, window) %}
    {%- set in_window = cloudtrail_s3.cloudtrail_report_in_window(window) -%}
    {%- set last = window["last_day"] or "1970-01-01" -%}
    {%- set week = "event_date between date '"
        ~ cloudtrail_s3.cloudtrail_add_days(last, -6) ~ "' and date '" ~ last
        ~ "'" -%}
    {%- set week_before = "event_date between date '"
        ~ cloudtrail_s3.cloudtrail_add_days(last, -13) ~ "' and date '"
        ~ cloudtrail_s3.cloudtrail_add_days(last, -7) ~ "'" -%}
    select
        cast(coalesce(sum(request_count), 0) as bigint) as request_count,
        {{ cloudtrail_s3.cloudtrail_report_sum(week) }} as week_count,
        {{ cloudtrail_s3.cloudtrail_report_sum(week_before) }}
            as week_before_count,
        count(distinct case when {{ week }} then requester end)
            as week_requester_count,
        {{ cloudtrail_s3.cloudtrail_report_sum("not (" ~ in_window ~ ")") }}
            as other_days_count
    from {{ burn_down }}
{% endmacro %}


{% macro cloudtrail_report_requesters(requesters) %}
    {%- set limits = cloudtrail_s3.cloudtrail_report_limits() -%}
    select
        requester,
        request_count,
        header_request_count,
        presigned_request_count,
        bucket_count,
        cast(cast(last_seen_at as date) as varchar) as last_day,
        main_client_name,
        main_client_version,
        is_quiet,
        is_regressed,
        remedy
    from {{ requesters }}
    order by is_quiet, request_count desc, requester
    limit {{ limits["requesters"] }}
{% endmacro %}


{% macro cloudtrail_report_requesters_totals(requesters) %}
    select
        count(*) as requester_count,
        count(case when is_quiet then 1 end) as quiet_count,
        cast(coalesce(sum(request_count), 0) as bigint) as request_count
    from {{ requesters }}
{% endmacro %}


{#- By day or week for the buckets that have most; the others are one row. -#}
{% macro cloudtrail_report_by_bucket(activity, window, condition, kind) %}
    {%- set limit = cloudtrail_s3.cloudtrail_report_limits()["buckets"] -%}
    with counted as (

        select
            {{ cloudtrail_s3.cloudtrail_report_period(window) }} as period,
            bucket_name,
            {{ kind }} as kind,
            sum(request_count) as request_count,
            sum(denied_count) as denied_count,
            sum(case when error_code is null then request_count else 0 end)
                as succeeded_count,
            sum(bytes_in) as bytes_in,
            sum(bytes_out) as bytes_out
        from {{ activity }}
        where
            {{ condition }}
            and {{ cloudtrail_s3.cloudtrail_report_in_window(window) }}
        group by 1, 2, 3

    ),

    totalled as (

        select
            *,
            sum(request_count) over (partition by bucket_name) as bucket_total
        from counted

    ),

    ranked as (

        select
            *,
            dense_rank() over (
                order by bucket_total desc, bucket_name nulls last
            ) as bucket_rank
        from totalled

    ),

    shown as (

        select
            *,
            bucket_rank > {{ limit }} as is_others,
            -- requests that name no bucket are none of the others
            max(bucket_rank) over () - {{ limit }} - max(case
                when bucket_name is null and bucket_rank > {{ limit }} then 1
                else 0
            end) over () as other_bucket_count
        from ranked

    )

    select
        least(bucket_rank, {{ limit + 1 }}) as bucket_rank,
        is_others,
        case when not is_others then bucket_name end as bucket_name,
        period,
        kind,
        max(other_bucket_count) as other_bucket_count,
        cast(sum(request_count) as bigint) as request_count,
        cast(sum(denied_count) as bigint) as denied_count,
        cast(sum(succeeded_count) as bigint) as succeeded_count,
        cast(sum(bytes_in) as bigint) as bytes_in,
        cast(sum(bytes_out) as bigint) as bytes_out
    from shown
    group by 1, 2, 3, 4, 5
    order by 1, 4, 5
{% endmacro %}


{% macro cloudtrail_report_denials(denied) %}
    select
        denial_source,
        denial_kind,
        cast(sum(request_count) as bigint) as request_count,
        count(distinct requester) as requester_count,
        count(distinct bucket_name) as bucket_count,
        cast(cast(max(last_seen_at) as date) as varchar) as last_day
    from {{ denied }}
    group by 1, 2
    order by 3 desc, 1, 2 nulls last
{% endmacro %}


{% macro cloudtrail_report_denied(denied) %}
    {%- set limits = cloudtrail_s3.cloudtrail_report_limits() -%}
    select
        requester,
        bucket_name,
        denial_source,
        denial_kind,
        main_event_name,
        main_error_code,
        request_count,
        cast(cast(last_seen_at as date) as varchar) as last_day,
        is_quiet,
        advice,
        count(*) over () as row_count
    from {{ denied }}
    order by
        is_quiet,
        request_count desc,
        requester,
        bucket_name nulls last,
        denial_source,
        denial_kind nulls last
    limit {{ limits["denied"] }}
{% endmacro %}


{#- The days of each bucket, those first that need a look. -#}
{% macro cloudtrail_report_coverage(coverage, window) %}
    {%- set limits = cloudtrail_s3.cloudtrail_report_limits() -%}
    {%- set last = window["last_day"] or "1970-01-01" -%}
    {%- set first = cloudtrail_s3.cloudtrail_add_days(
        last, 1 - limits["coverage_days"]
    ) -%}
    with totalled as (

        select
            account_id,
            aws_region,
            bucket_name,
            is_monitored,
            event_date,
            case
                when has_data_events then 'data'
                when management_event_count > 0 then 'management'
                when is_gap then 'gap'
                else 'none'
            end as coverage,
            count(*) over (
                partition by account_id, aws_region, bucket_name
            ) as day_count,
            sum(case when has_data_events then 1 else 0 end) over (
                partition by account_id, aws_region, bucket_name
            ) as data_day_count,
            sum(case when is_gap then 1 else 0 end) over (
                partition by account_id, aws_region, bucket_name
            ) as gap_day_count,
            sum(management_event_count + data_event_count) over (
                partition by account_id, aws_region, bucket_name
            ) as event_count
        from {{ coverage }}

    ),

    ranked as (

        select
            *,
            dense_rank() over (
                order by
                    gap_day_count desc,
                    is_monitored,
                    event_count desc,
                    bucket_name,
                    account_id nulls last,
                    aws_region nulls last
            ) as bucket_rank
        from totalled

    )

    select
        bucket_rank,
        account_id,
        aws_region,
        bucket_name,
        is_monitored,
        day_count,
        cast(data_day_count as bigint) as data_day_count,
        cast(gap_day_count as bigint) as gap_day_count,
        cast(event_count as bigint) as event_count,
        case
            when event_date between date '{{ first }}' and date '{{ last }}'
                then cast(event_date as varchar)
        end as day,
        case
            when event_date between date '{{ first }}' and date '{{ last }}'
                then coverage
        end as coverage
    from ranked
    where bucket_rank <= {{ limits["coverage_buckets"] }}
    group by 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11
    order by 1, 10 nulls first
{% endmacro %}


{% macro cloudtrail_report_coverage_totals(coverage) %}
    with buckets as (

        select
            account_id,
            aws_region,
            bucket_name,
            is_monitored,
            sum(case when is_gap then 1 else 0 end) as gap_day_count
        from {{ coverage }}
        group by 1, 2, 3, 4

    )

    select
        count(*) as bucket_count,
        count(case when is_monitored then 1 end) as monitored_count,
        count(case when gap_day_count > 0 then 1 end) as with_gaps_count
    from buckets
{% endmacro %}


{% macro cloudtrail_report_findings() %}
    {%- set severities = cloudtrail_s3.cloudtrail_severities() -%}
    {%- set limits = cloudtrail_s3.cloudtrail_report_limits() -%}
    select
        severity,
        title,
        status,
        bucket_name,
        requester,
        detail,
        request_count,
        day_count,
        cast(cast(first_seen_at as date) as varchar) as first_day,
        cast(cast(last_seen_at as date) as varchar) as last_day,
        remedy,
        source_url
    from {{ cloudtrail_s3.cloudtrail_open_findings(severities) }}
    order by
        {{ cloudtrail_s3.cloudtrail_finding_order() }}
    limit {{ limits["findings"] }}
{% endmacro %}


{% macro cloudtrail_report_findings_totals() %}
    select
        severity,
        title,
        count(*) as finding_count,
        cast(sum(request_count) as bigint) as request_count
    from {{ cloudtrail_s3.cloudtrail_open_findings(
        cloudtrail_s3.cloudtrail_severities()
    ) }}
    group by 1, 2
    order by
        {{ cloudtrail_s3.cloudtrail_severity_rank() }} desc,
        3 desc,
        2
{% endmacro %}
