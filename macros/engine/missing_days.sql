{#- Log days that are not loaded completely. DuckDB lists files and reads what
    is missing in any run; on Athena days stay missing that lie before the
    window of a run, as after a backfill of newer ones. -#}

{% macro cloudtrail_complete_days() %}
    {#- Athena: in order, as text, by fct_cloudtrail_loads alone. -#}
    {{ return(run_query(
        "select distinct cast(log_date as varchar) from "
        ~ cloudtrail_s3.cloudtrail_stored("fct_cloudtrail_loads")
        ~ " where loaded_at >= "
        ~ cloudtrail_s3.cloudtrail_day_complete_at("log_date")
        ~ " order by 1"
    ).columns[0].values() | list) }}
{% endmacro %}


{% macro cloudtrail_missing_days(start, end, known) %}
    {#- Both ends count. -#}
    {%- set missing = [] -%}
    {%- for offset in range(
        cloudtrail_s3.cloudtrail_days_between(start, end)
    ) -%}
        {%- do missing.append(
            cloudtrail_s3.cloudtrail_add_days(start, offset)
        ) -%}
    {%- endfor -%}
    {{ return(missing | reject("in", known) | list) }}
{% endmacro %}


{% macro cloudtrail_warn_of_gaps(wanted, first, complete) %}
    {#- Every run says it, until they are loaded. -#}
    {%- set missing = [] if first <= wanted
        else cloudtrail_s3.cloudtrail_missing_days(
            wanted, cloudtrail_s3.cloudtrail_add_days(first, -1), complete
        ) -%}
    {%- if missing and cloudtrail_s3.cloudtrail_is_running() -%}
        {%- set ranges = [] -%}
        {%- for day in missing -%}
            {%- if ranges and ranges[-1].end
                == cloudtrail_s3.cloudtrail_add_days(day, -1) -%}
                {%- do ranges[-1].update({"end": day}) -%}
            {%- else -%}
                {%- do ranges.append({"start": day, "end": day}) -%}
            {%- endif -%}
        {%- endfor -%}
        {%- set named = [] -%}
        {%- for range in ranges[:5] -%}
            {%- do named.append(
                range.start if range.start == range.end
                else range.start ~ " to " ~ range.end
            ) -%}
        {%- endfor -%}
        {%- do exceptions.warn(
            "cloudtrail_s3: " ~ missing | length ~ " log days before " ~ first
            ~ " were never loaded completely, and this run does not read them: "
            ~ named | join(", ") ~ (", ..." if ranges | length > 5 else "")
            ~ "; load them with make backfill TARGET=" ~ target.name
            ~ " START=" ~ missing[0] ~ " END=" ~ missing[-1]
            ~ ", or with cloudtrail_backfill_start and cloudtrail_backfill_end"
        ) -%}
    {%- endif -%}
{% endmacro %}


{% macro cloudtrail_tell_long_load(first, last) %}
    {#- A full refresh cannot be cut into pieces. -#}
    {%- if cloudtrail_s3.cloudtrail_is_running()
        and not flags.FULL_REFRESH
        and first <= last
        and cloudtrail_s3.cloudtrail_days_between(first, last) > 90 -%}
        {%- do log(
            "cloudtrail_s3: this first load reads all log days from " ~ first
            ~ " to " ~ last ~ " at once; Athena ends a query after 30"
            ~ " minutes, and make backfill TARGET=" ~ target.name ~ " START="
            ~ first ~ " END=" ~ last ~ " loads them in pieces",
            info=true
        ) -%}
    {%- endif -%}
{% endmacro %}


{% macro cloudtrail_backfill_days(start, end) %}
    {#- The days of a range that a backfill reads: the day, and where they
        are known the number of its files and their bytes. -#}
    {{- return(adapter.dispatch(
        "cloudtrail_backfill_days", "cloudtrail_s3"
    )(start, end)) -}}
{% endmacro %}


{% macro duckdb__cloudtrail_backfill_days(start, end) %}
    {%- set days = [] -%}
    {%- for day, files, bytes in run_query(
        "select cast(log_date as varchar), count(*), sum(size) from ("
        ~ cloudtrail_s3.cloudtrail_files_to_read()
        ~ ") as files where log_date between date '" ~ start ~ "' and date '"
        ~ end ~ "' group by 1 order by 1"
    ).rows -%}
        {%- do days.append(
            {"day": day, "files": files | int, "bytes": bytes | int}
        ) -%}
    {%- endfor -%}
    {{ return(days) }}
{% endmacro %}


{% macro athena__cloudtrail_backfill_days(start, end) %}
    {%- set complete = []
        if cloudtrail_s3.cloudtrail_has_nothing_stored()
        else cloudtrail_s3.cloudtrail_complete_days() -%}
    {%- set days = [] -%}
    {%- for day in cloudtrail_s3.cloudtrail_missing_days(
        start, end, complete
    ) -%}
        {%- do days.append({"day": day}) -%}
    {%- endfor -%}
    {{ return(days) }}
{% endmacro %}
