{#-
    Prints the findings that are not quiet, the worst first. With
    cloudtrail_fail_on_severity it fails if one of that severity or above is
    among them: a schedule ends in an error then.
-#}
{% macro cloudtrail_findings(min_severity="info", limit=50) %}
    {%- if not execute -%}
        {{ return("") }}
    {%- endif -%}
    {%- set shown = cloudtrail_s3.cloudtrail_severities_from(
        "min_severity", min_severity
    ) -%}
    {%- set fail_on = var("cloudtrail_fail_on_severity", "") or "" -%}
    {%- set failing = cloudtrail_s3.cloudtrail_severities_from(
        "cloudtrail_fail_on_severity", fail_on
    ) if fail_on else [] -%}
    {%- set limit = cloudtrail_s3.cloudtrail_count("limit", limit) -%}
    {%- for line in cloudtrail_s3.cloudtrail_finding_lines(
        shown, limit, true
    ) -%}
        {%- do print(line) -%}
    {%- endfor -%}
    {%- if failing -%}
        {%- set found = cloudtrail_s3.cloudtrail_count_of(
            cloudtrail_s3.cloudtrail_open_findings(failing)
        ) -%}
        {%- if found -%}
            {{ cloudtrail_s3.cloudtrail_stop(
                cloudtrail_s3.cloudtrail_counted(found, "open finding")
                ~ " of severity " ~ failing | reverse | join(", ")
                ~ " (cloudtrail_fail_on_severity is " ~ fail_on
                ~ "); fct_s3_findings tells what to do"
            ) }}
        {%- endif -%}
    {%- endif -%}
{% endmacro %}


{% macro cloudtrail_severities_from(name, severity) %}
    {#- That severity and those above it. -#}
    {%- set severities = cloudtrail_s3.cloudtrail_severities() -%}
    {%- if severity not in severities -%}
        {{ cloudtrail_s3.cloudtrail_stop(
            name ~ ": " ~ severity ~ " is no severity; use "
            ~ severities | join(", ")
        ) }}
    {%- endif -%}
    {{ return(severities[severities.index(severity):]) }}
{% endmacro %}


{% macro cloudtrail_open_findings(severities) %}
    {#- What follows "from". -#}
    {{ return(
        cloudtrail_s3.cloudtrail_summary_source("fct_s3_findings")
        ~ " where status != 'quiet' and severity in ("
        ~ cloudtrail_s3.cloudtrail_literals(severities) ~ ")"
    ) }}
{% endmacro %}


{% macro cloudtrail_count_of(from_clause) %}
    {{ return(run_query(
        "select cast(count(*) as bigint) from " ~ from_clause
    ).rows[0][0]) }}
{% endmacro %}


{% macro cloudtrail_finding_lines(severities, limit, with_remedy) %}
    {#- Those that are not quiet, the worst first. -#}
    {%- set open_findings = cloudtrail_s3.cloudtrail_open_findings(
        severities
    ) -%}
    {%- set found = cloudtrail_s3.cloudtrail_count_of(open_findings) -%}
    {%- if not found -%}
        {{ return(["No open finding."]) }}
    {%- endif -%}
    {%- set lines = [] -%}
    {%- for row in run_query(
        "select severity, title, status, bucket_name, requester, detail,
            request_count, day_count, remedy,
            cast(cast(first_seen_at as date) as varchar) as first_day,
            cast(cast(last_seen_at as date) as varchar) as last_day
        from " ~ open_findings ~ "
        order by " ~ cloudtrail_s3.cloudtrail_finding_order() ~ "
        limit " ~ limit
    ).rows -%}
        {%- do lines.append(
            "{:<9}".format(row["severity"]) ~ row["title"]
            ~ (" (again)" if row["status"] == "regressed" else "")
        ) -%}
        {%- set where = [] -%}
        {%- for name in ["bucket_name", "requester", "detail"]
            if row[name] is not none -%}
            {%- do where.append(
                cloudtrail_s3.cloudtrail_shown(row[name], 48)
            ) -%}
        {%- endfor -%}
        {%- do where.append(
            (
                cloudtrail_s3.cloudtrail_counted(
                    row["request_count"], "request"
                ) if row["request_count"]
                else cloudtrail_s3.cloudtrail_counted(row["day_count"], "day")
            ) ~ ", " ~ row["first_day"] ~ " to " ~ row["last_day"]
        ) -%}
        {%- for line in cloudtrail_s3.cloudtrail_wrapped(
            where | join("; "), 87
        ) -%}
            {%- do lines.append("         " ~ line) -%}
        {%- endfor -%}
        {%- for line in cloudtrail_s3.cloudtrail_wrapped(
            row["remedy"] if with_remedy else "", 87
        ) -%}
            {%- do lines.append("         " ~ line) -%}
        {%- endfor -%}
    {%- endfor -%}
    {%- if found > limit -%}
        {%- do lines.append(
            "and " ~ cloudtrail_s3.cloudtrail_number(found - limit)
            ~ " more: fct_s3_findings"
        ) -%}
    {%- endif -%}
    {{ return(lines) }}
{% endmacro %}


{% macro cloudtrail_severity_rank() %}
    case severity
    {%- for severity in cloudtrail_s3.cloudtrail_severities() %}
        when '{{ severity }}' then {{ loop.index }}
    {%- endfor %}
    end
{%- endmacro %}


{% macro cloudtrail_finding_order() %}
    {{ cloudtrail_s3.cloudtrail_severity_rank() }} desc,
    request_count desc,
    title,
    bucket_name nulls last,
    requester nulls last,
    detail nulls last
{%- endmacro %}
