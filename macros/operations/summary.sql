{#- What the built tables say, as text of at most 100 columns. -#}

{% macro cloudtrail_summary() %}
    {%- if execute -%}
        {%- set activity = cloudtrail_s3.cloudtrail_summary_source(
            "fct_s3_activity_daily"
        ) -%}
        {%- set totals = cloudtrail_s3.cloudtrail_summary_totals(
            activity
        ) -%}
        {%- set sections = [
            cloudtrail_s3.cloudtrail_summary_read(activity, totals),
            cloudtrail_s3.cloudtrail_summary_coverage(totals),
            cloudtrail_s3.cloudtrail_summary_sigv2(totals),
            cloudtrail_s3.cloudtrail_summary_anonymous(activity, totals),
            cloudtrail_s3.cloudtrail_summary_objects(
                "Most read objects", "read", "bytes_out", totals
            ),
            cloudtrail_s3.cloudtrail_summary_objects(
                "Most written objects", "write", "bytes_in", totals
            ),
            cloudtrail_s3.cloudtrail_summary_denied(activity),
            cloudtrail_s3.cloudtrail_summary_readiness(),
            ["Top findings"] + cloudtrail_s3.cloudtrail_finding_lines(
                cloudtrail_s3.cloudtrail_severities(), 8, false
            ),
        ] -%}
        {%- for lines in sections if lines -%}
            {%- do print("\n" ~ lines[0]) -%}
            {%- for line in lines[1:] -%}
                {%- do print(("  " ~ line).rstrip()) -%}
            {%- endfor -%}
        {%- endfor -%}
    {%- endif -%}
{% endmacro %}


{% macro cloudtrail_summary_totals(activity) %}
    {{ return(run_query(
        "select
            cast(coalesce(sum(request_count), 0) as bigint) as requests,
            cast(min(event_date) as varchar) as first_day,
            cast(max(event_date) as varchar) as last_day,
            count(distinct event_date) as days,
            cast(coalesce(sum(case when event_category = 'Data'
                then request_count end), 0) as bigint) as data_requests,
            cast(coalesce(sum(case when signature_version is not null
                then request_count end), 0) as bigint) as signed,
            cast(coalesce(sum(case when signature_version is null
                and not is_anonymous
                then request_count end), 0) as bigint) as unsaid,
            cast(coalesce(sum(case when is_anonymous
                then request_count end), 0) as bigint) as anonymous
        from " ~ activity
    ).rows[0]) }}
{% endmacro %}


{% macro cloudtrail_summary_read(activity, totals) %}
    {%- set counted = run_query(
        "select
            count(*) as files,
            cast(coalesce(sum(s3_record_count), 0) as bigint) as records,
            cast(coalesce(sum(request_count), 0) as bigint) as requests,
            cast(coalesce(sum(duplicate_count), 0) as bigint) as duplicates,
            cast(coalesce(sum(unplaceable_count), 0) as bigint)
                as unplaceable
        from " ~ cloudtrail_s3.cloudtrail_summary_source(
            "fct_cloudtrail_log_files"
        )
    ).rows[0] -%}
    {%- set read = cloudtrail_s3.cloudtrail_summary_loads(
        cloudtrail_s3.cloudtrail_summary_source("fct_cloudtrail_loads")
    ) -%}
    {%- set lines = ["What was read"] -%}
    {%- do lines.append("logs         " ~ read) -%}
    {%- do lines.append(
        "S3 records   " ~ cloudtrail_s3.cloudtrail_number(counted["records"])
        ~ " in " ~ cloudtrail_s3.cloudtrail_number(counted["files"])
        ~ " files: "
        ~ cloudtrail_s3.cloudtrail_number(counted["duplicates"])
        ~ " further copies, "
        ~ cloudtrail_s3.cloudtrail_number(counted["unplaceable"])
        ~ " without a readable time or id"
    ) -%}
    {%- set companions = counted["requests"] - totals["requests"] -%}
    {%- do lines.append(
        "S3 requests  "
        ~ cloudtrail_s3.cloudtrail_number(totals["requests"])
        ~ (
            " (and " ~ cloudtrail_s3.cloudtrail_number(companions)
            ~ " records of single keys of DeleteObjects)"
            if companions else ""
        )
    ) -%}
    {%- if totals["requests"] -%}
        {%- do lines.append(
            "days (UTC)   " ~ totals["first_day"] ~ " to "
            ~ totals["last_day"] ~ ", "
            ~ cloudtrail_s3.cloudtrail_number(totals["days"])
            ~ " with requests"
        ) -%}
        {%- for label, column in [
            ("accounts     ", "account_id"), ("regions      ", "aws_region")
        ] -%}
            {%- set values = run_query(
                "select distinct " ~ column ~ " from " ~ activity
                ~ " where " ~ column ~ " is not null order by 1"
            ).columns[0].values() -%}
            {%- set shown = [] -%}
            {%- for value in values[:6] -%}
                {%- do shown.append(
                    cloudtrail_s3.cloudtrail_shown(value, 20)
                ) -%}
            {%- endfor -%}
            {%- set more = values | length - shown | length -%}
            {%- set text = cloudtrail_s3.cloudtrail_number(values | length)
                ~ ": " ~ shown | join(", ")
                ~ (" and " ~ more ~ " more" if more else "") -%}
            {%- for line in cloudtrail_s3.cloudtrail_wrapped(text, 84) -%}
                {%- do lines.append(
                    (label if loop.first else "             ") ~ line
                ) -%}
            {%- endfor -%}
        {%- endfor -%}
    {%- endif -%}
    {{ return(lines) }}
{% endmacro %}


{% macro cloudtrail_summary_coverage(totals) %}
    {%- if totals["data_requests"] -%}
        {{ return([]) }}
    {%- endif -%}
    {{ return([
        "Requests for objects are unknown",
        "These logs hold no data events. CloudTrail logs GetObject,"
        ~ " PutObject and the like, and how",
        "they were signed, only for trails that ask for it; a new trail"
        ~ " does not. To enable it",
        "(this replaces the trail's selectors, and AWS charges for data"
        ~ " events):",
        "",
        "  aws cloudtrail put-event-selectors --trail-name <trail> \\",
        "    --advanced-event-selectors '[",
        "      {\"Name\": \"management\", \"FieldSelectors\": [",
        "        {\"Field\": \"eventCategory\", \"Equals\":"
        ~ " [\"Management\"]}]},",
        "      {\"Name\": \"S3 objects\", \"FieldSelectors\": [",
        "        {\"Field\": \"eventCategory\", \"Equals\": [\"Data\"]},",
        "        {\"Field\": \"resources.type\", \"Equals\":"
        ~ " [\"AWS::S3::Object\"]}]}]'",
    ]) }}
{% endmacro %}


{% macro cloudtrail_summary_sigv2(totals) %}
    {%- set requesters = cloudtrail_s3.cloudtrail_summary_source(
        "fct_s3_sigv2_requesters"
    ) -%}
    {%- set found = run_query(
        "select
            count(*) as requesters,
            cast(coalesce(sum(request_count), 0) as bigint) as requests
        from " ~ requesters
    ).rows[0] -%}
    {%- set signed = cloudtrail_s3.cloudtrail_number(totals["signed"]) -%}
    {%- set lines = ["Who still signs with SigV2"] -%}
    {%- set about = "" -%}
    {%- if not totals["data_requests"] -%}
        {%- do lines.append("Unknown for requests for objects (see above).") -%}
        {%- set about = "For buckets and settings: " -%}
    {%- endif -%}
    {%- if not totals["signed"] -%}
        {%- do lines.append(
            (about or "Unknown: ")
            ~ "no request in these logs says how it was signed."
        ) -%}
    {%- elif found["requests"] -%}
        {%- do lines.append(
            about ~ cloudtrail_s3.cloudtrail_number(found["requesters"])
            ~ " requesters, with "
            ~ cloudtrail_s3.cloudtrail_number(found["requests"]) ~ " of the "
            ~ signed ~ " requests that say how they were signed."
        ) -%}
    {%- else -%}
        {%- do lines.append(
            (about or "Nobody seen: ") ~ "none of the " ~ signed
            ~ " requests that say how they were signed."
        ) -%}
    {%- endif -%}
    {%- if totals["signed"] and totals["unsaid"] -%}
        {%- do lines.append(
            cloudtrail_s3.cloudtrail_number(totals["unsaid"])
            ~ " more do not say it (calls of AWS services, and logs before"
            ~ " 2019): unknown."
        ) -%}
    {%- endif -%}
    {%- for row in run_query(
        "select
            requester,
            request_count,
            header_request_count,
            presigned_request_count,
            bucket_count,
            cast(last_seen_at as varchar) as last_seen_at,
            main_client_name,
            main_client_version,
            remedy
        from " ~ requesters ~ "
        order by request_count desc, requester
        limit 10"
    ).rows -%}
        {%- do lines.extend([
            "",
            cloudtrail_s3.cloudtrail_shown(row["requester"], 98),
            "  requests " ~ cloudtrail_s3.cloudtrail_number(
                row["request_count"]
            ) ~ " (header "
            ~ cloudtrail_s3.cloudtrail_number(row["header_request_count"])
            ~ ", presigned "
            ~ cloudtrail_s3.cloudtrail_number(
                row["presigned_request_count"]
            ) ~ "), buckets " ~ row["bucket_count"]
            ~ ", last seen " ~ row["last_seen_at"][:16],
            "  client   " ~ cloudtrail_s3.cloudtrail_shown(
                (row["main_client_name"] or "unknown") ~ " "
                ~ (row["main_client_version"] or ""), 60
            ) | trim ~ (
                "" if row["header_request_count"]
                else " (the downloader's)"
            ),
        ]) -%}
        {%- for line in cloudtrail_s3.cloudtrail_wrapped(
            row["remedy"], 87
        ) -%}
            {%- do lines.append(
                ("  remedy   " if loop.first else "           ") ~ line
            ) -%}
        {%- endfor -%}
    {%- endfor -%}
    {%- if found["requesters"] > 10 -%}
        {%- do lines.extend(["", "and "
            ~ cloudtrail_s3.cloudtrail_number(found["requesters"] - 10)
            ~ " more: fct_s3_sigv2_requesters"]) -%}
    {%- endif -%}
    {{ return(lines) }}
{% endmacro %}


{% macro cloudtrail_summary_anonymous(activity, totals) %}
    {%- set lines = ["Anonymous access"] -%}
    {%- if not totals["anonymous"] -%}
        {%- do lines.append(
            "No anonymous request was logged." if totals["data_requests"]
            else "Unknown for objects; none for buckets."
        ) -%}
        {{ return(lines) }}
    {%- endif -%}
    {%- set rows = run_query(
        "select
            bucket_name,
            cast(sum(request_count) as bigint) as requests,
            cast(sum(case when error_code is null then request_count else 0
                end) as bigint) as succeeded,
            cast(sum(denied_count) as bigint) as denied
        from " ~ activity ~ "
        where is_anonymous
        group by bucket_name
        order by requests desc, bucket_name"
    ).rows -%}
    {%- set cells = [] -%}
    {%- for row in rows[:10] -%}
        {%- do cells.append([
            row["bucket_name"],
            row["requests"],
            row["succeeded"],
            row["denied"],
            cloudtrail_s3.cloudtrail_summary_actions(
                activity,
                "is_anonymous and " ~ cloudtrail_s3.cloudtrail_is_value(
                    "bucket_name", row["bucket_name"]
                )
            ),
        ]) -%}
    {%- endfor -%}
    {%- do lines.extend(cloudtrail_s3.cloudtrail_text_table(
        ["bucket", "requests", "succeeded", "denied", "actions"],
        [32, -10, -10, -8, 30],
        cells
    )) -%}
    {%- if rows | length > 10 -%}
        {%- do lines.append(
            "and " ~ (rows | length - 10)
            ~ " more buckets: fct_s3_anonymous_access"
        ) -%}
    {%- endif -%}
    {{ return(lines) }}
{% endmacro %}


{% macro cloudtrail_summary_actions(activity, condition) %}
    {%- set shown = [] -%}
    {%- for row in run_query(
        "select event_name, cast(sum(request_count) as bigint) as requests
        from " ~ activity ~ "
        where " ~ condition ~ "
        group by event_name
        order by requests desc, event_name
        limit 3"
    ).rows -%}
        {%- do shown.append(row["event_name"]) -%}
    {%- endfor -%}
    {{ return(shown | join(", ")) }}
{% endmacro %}


{% macro cloudtrail_summary_objects(title, operation_class, bytes, totals) %}
    {%- set rows = run_query(
        "select
            bucket_name,
            object_key,
            count(*) as requests,
            " ~ cloudtrail_s3.cloudtrail_byte_sum(bytes) ~ " as bytes,
            count(distinct requester) as requesters
        from " ~ cloudtrail_s3.cloudtrail_summary_source(
            "fct_s3_object_access"
        ) ~ "
        where
            operation_class = '" ~ operation_class ~ "'
            and object_key is not null
            and error_code is null
        group by bucket_name, object_key
        order by requests desc, bucket_name, object_key
        limit 5"
    ).rows -%}
    {%- if not rows -%}
        {{ return([title, "None was logged." if totals["data_requests"]
            else "Unknown (see above)."]) }}
    {%- endif -%}
    {%- set cells = [] -%}
    {%- for row in rows -%}
        {%- do cells.append([
            row["bucket_name"],
            row["object_key"],
            row["requests"],
            row["bytes"] | int | filesizeformat(true)
                if row["bytes"] is not none else "unknown",
            row["requesters"],
        ]) -%}
    {%- endfor -%}
    {{ return([title] + cloudtrail_s3.cloudtrail_text_table(
        ["bucket", "object key", "requests", "bytes", "requesters"],
        [28, 34, -9, -10, -10],
        cells
    )) }}
{% endmacro %}


{% macro cloudtrail_summary_denied(activity) %}
    {%- set lines = ["Denied requests"] -%}
    {%- set rows = run_query(
        "select
            requester,
            bucket_name,
            error_code,
            cast(sum(denied_count) as bigint) as requests,
            cast(max(event_date) as varchar) as last_day
        from " ~ activity ~ "
        where denied_count > 0
        group by requester, bucket_name, error_code
        order by requests desc, requester, bucket_name, error_code
        limit 10"
    ).rows -%}
    {%- set cells = [] -%}
    {%- for row in rows -%}
        {%- do cells.append([
            row["requester"],
            row["bucket_name"],
            row["error_code"],
            row["requests"],
            row["last_day"],
        ]) -%}
    {%- endfor -%}
    {%- if rows -%}
        {%- do lines.extend(cloudtrail_s3.cloudtrail_text_table(
            ["requester", "bucket", "error", "requests", "last day"],
            [40, 22, 14, -8, 10],
            cells
        )) -%}
    {%- else -%}
        {%- do lines.append("None was logged.") -%}
    {%- endif -%}
    {{ return(lines) }}
{% endmacro %}


{% macro cloudtrail_summary_readiness() %}
    {#- A row a bucket, what would break first; a column a control. -#}
    {%- set controls = {
        "deny_sigv2": "deny SigV2",
        "block_public_access": "block public",
        "disable_acls": "no ACLs",
        "require_tls_1_2": "TLS 1.2",
        "require_https": "HTTPS only",
    } -%}
    {%- set columns = [] -%}
    {%- for control in controls -%}
        {%- do columns.append(
            "max(case when control = '" ~ control
            ~ "' then verdict end) as " ~ control
        ) -%}
    {%- endfor -%}
    {%- set rows = run_query(
        "select bucket_name, " ~ columns | join(", ")
        ~ ", sum(case when verdict = 'not_ready' then 1 else 0 end)
            as breaking,
            sum(case when verdict = 'ready' then 1 else 0 end) as proven
        from " ~ cloudtrail_s3.cloudtrail_summary_source(
            "fct_s3_enforcement_readiness"
        ) ~ "
        group by bucket_name
        order by breaking desc, proven desc, bucket_name"
    ).rows -%}
    {%- if not rows -%}
        {{ return([]) }}
    {%- endif -%}
    {%- set cells = [] -%}
    {%- for row in rows[:12] -%}
        {%- set cell = [row["bucket_name"]] -%}
        {%- for control in controls -%}
            {%- do cell.append(
                "BREAKS" if row[control] == "not_ready"
                else row[control] if row[control] is not none else ""
            ) -%}
        {%- endfor -%}
        {%- do cells.append(cell) -%}
    {%- endfor -%}
    {%- set lines = ["What each control would break"]
        + cloudtrail_s3.cloudtrail_text_table(
            ["bucket"] + controls.values() | list,
            [32, 12, 13, 12, 12, 12],
            cells
        ) -%}
    {%- if rows | length > 12 -%}
        {%- do lines.append(
            "and " ~ (rows | length - 12)
            ~ " more buckets: fct_s3_enforcement_readiness"
        ) -%}
    {%- endif -%}
    {%- do lines.append(
        "unknown: the logs do not prove that nothing would break"
    ) -%}
    {{ return(lines) }}
{% endmacro %}


{% macro cloudtrail_summary_source(name) %}
    {%- set relation = ref("cloudtrail_s3", name) -%}
    {%- if not load_relation(relation) -%}
        {{ cloudtrail_s3.cloudtrail_stop(
            "There is no table " ~ relation
            ~ "; build the tables first, with dbt build"
        ) }}
    {%- endif -%}
    {{ return(relation) }}
{% endmacro %}


{% macro cloudtrail_is_value(column, value) %}
    {{ return(
        column ~ " is null" if value is none
        else column ~ " = " ~ cloudtrail_s3.cloudtrail_literal(value)
    ) }}
{% endmacro %}
