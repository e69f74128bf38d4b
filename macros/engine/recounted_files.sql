{#- The files that are counted again beside those that were read: a file read
    now may have won rows over from others, or lost them. DuckDB looks at all
    with events of the changed days; Athena, which writes whole log days, at
    those of the log days that the run changes. -#}

{% macro cloudtrail_recounted_files(changed_partitions, file_days) %}
    {#- A predicate on fct_cloudtrail_log_files. -#}
    {{- return(adapter.dispatch(
        "cloudtrail_recounted_files", "cloudtrail_s3"
    )(changed_partitions, file_days)) -}}
{% endmacro %}


{% macro duckdb__cloudtrail_recounted_files(changed_partitions, file_days) %}
    {{ return(cloudtrail_s3.cloudtrail_has_events_of(
        cloudtrail_s3.cloudtrail_column_values(
            changed_partitions, "event_date"
        )
    )) }}
{% endmacro %}


{% macro cloudtrail_has_events_of(days) %}
    {{ return(
        "first_event_at < date '" ~ days[-1] ~ "' + interval '1' day"
        ~ " and last_event_at >= date '" ~ days[0] ~ "'"
        if days else "false"
    ) }}
{% endmacro %}


{% macro athena__cloudtrail_recounted_files(changed_partitions, file_days) %}
    {{ return(cloudtrail_s3.cloudtrail_days_predicate(
        "log_date",
        cloudtrail_s3.cloudtrail_changed_days(
            "log_date", changed_partitions, file_days
        )
    )) }}
{% endmacro %}


{% macro cloudtrail_recounted_requests(changed_partitions, file_days) %}
    {#- A predicate on fct_s3_requests: where the rows of those files are. -#}
    {{- return(adapter.dispatch(
        "cloudtrail_recounted_requests", "cloudtrail_s3"
    )(changed_partitions, file_days)) -}}
{% endmacro %}


{% macro duckdb__cloudtrail_recounted_requests(
    changed_partitions, file_days
) %}
    {%- if not execute -%}
        {{ return("false") }}
    {%- endif -%}
    {%- set range = run_query(
        "select min(first_event_at), max(last_event_at) from ("
        ~ "select first_event_at, last_event_at from " ~ file_days
        ~ " union all select first_event_at, last_event_at from "
        ~ cloudtrail_s3.cloudtrail_stored("fct_cloudtrail_log_files")
        ~ " where " ~ cloudtrail_s3.cloudtrail_recounted_files(
            changed_partitions, file_days
        ) ~ ") as files"
    ).rows[0] -%}
    {{ return(
        "false" if range[0] is none else
        "event_date between date '" ~ range[0].strftime("%Y-%m-%d")
        ~ "' and date '" ~ range[1].strftime("%Y-%m-%d") ~ "'"
    ) }}
{% endmacro %}


{% macro athena__cloudtrail_recounted_requests(
    changed_partitions, file_days
) %}
    {{ return(cloudtrail_s3.cloudtrail_recounted_files(
        changed_partitions, file_days
    )) }}
{% endmacro %}


{% macro cloudtrail_rewritten_copies(changed_partitions, file_days) %}
    {#- A predicate on int_s3_owner_copies: the stored rows that are written
        again, because only a whole folder of a Hive table can be. -#}
    {{- return(adapter.dispatch(
        "cloudtrail_rewritten_copies", "cloudtrail_s3"
    )(changed_partitions, file_days)) -}}
{% endmacro %}


{% macro duckdb__cloudtrail_rewritten_copies(changed_partitions, file_days) %}
    {{- return("false") -}}
{% endmacro %}


{% macro athena__cloudtrail_rewritten_copies(changed_partitions, file_days) %}
    {{ return(
        "false" if cloudtrail_s3.cloudtrail_fact_table_type() == "iceberg"
        else cloudtrail_s3.cloudtrail_recounted_files(
            changed_partitions, file_days
        )
    ) }}
{% endmacro %}
