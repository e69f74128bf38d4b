{#- The files of the days that a run reads, and no others. -#}

{% macro cloudtrail_log_date_predicate(days) %}
    {{- return(adapter.dispatch(
        "cloudtrail_log_date_predicate", "cloudtrail_s3"
    )(days)) -}}
{% endmacro %}


{% macro duckdb__cloudtrail_log_date_predicate(days) -%}
    (
        getvariable('cloudtrail_files') is not null
        or {{ cloudtrail_s3.cloudtrail_days_predicate("log_date", days) }}
    )
{%- endmacro %}


{% macro athena__cloudtrail_log_date_predicate(days) -%}
    {#- Only literals on the partition columns prune. -#}
    {{ cloudtrail_s3.cloudtrail_days_predicate("log_date", days) }}
    {%- if days %}
    and {{ cloudtrail_s3.cloudtrail_partition_predicate(
        days[0] | string, days[-1] | string
    ) }}
    {%- endif %}
{%- endmacro %}


{% macro cloudtrail_choose_files(files_to_read) %}
    {#- A hook: what the session reads, by name. -#}
    {{- return(adapter.dispatch(
        "cloudtrail_choose_files", "cloudtrail_s3"
    )(files_to_read)) -}}
{% endmacro %}


{% macro duckdb__cloudtrail_choose_files(files_to_read) %}
    {#- A file that has come since they were listed is the next run's. Without
        any the variable is null, and no day holds. -#}
    {{- return(
        "set variable cloudtrail_files = ("
        ~ cloudtrail_s3.cloudtrail_file_patterns(files_to_read)
        ~ " where size > 0)"
        if cloudtrail_s3.cloudtrail_is_running() else ""
    ) -}}
{% endmacro %}


{% macro cloudtrail_file_patterns(files_to_read) -%}
    {#- Names are patterns to DuckDB. -#}
    select list(regexp_replace(file_path, '([*?[])', '[\1]', 'g'))
    from {{ cloudtrail_s3.cloudtrail_stored(files_to_read) }}
{%- endmacro %}


{% macro athena__cloudtrail_choose_files(files_to_read) %}
    {{- return("") -}}
{% endmacro %}


{% macro cloudtrail_forget_files() %}
    {#- A hook: the session's views are of all files again. -#}
    {{- return(adapter.dispatch(
        "cloudtrail_forget_files", "cloudtrail_s3"
    )()) -}}
{% endmacro %}


{% macro duckdb__cloudtrail_forget_files() %}
    {{- return("reset variable cloudtrail_files") -}}
{% endmacro %}


{% macro athena__cloudtrail_forget_files() %}
    {{- return("") -}}
{% endmacro %}
