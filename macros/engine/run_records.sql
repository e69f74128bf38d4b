{#- The records of the run, as narrow as they can be read: DuckDB parses once
    more, Athena reads the stored batch, which holds the S3 requests only. -#}

{% macro cloudtrail_run_records(records, batch, days) %}
    {{- return(adapter.dispatch(
        "cloudtrail_run_records", "cloudtrail_s3"
    )(records, batch, days)) -}}
{% endmacro %}


{% macro duckdb__cloudtrail_run_records(records, batch, days) %}
    select log_file, log_date, request_key, event_at, is_s3_request
    from {{ records }}
    where {{ cloudtrail_s3.cloudtrail_log_date_predicate(days) }}
{% endmacro %}


{% macro athena__cloudtrail_run_records(records, batch, days) %}
    select log_file, log_date, request_key, event_at, true as is_s3_request
    from {{ batch }}
{% endmacro %}


{% macro cloudtrail_log_date_predicate(days) %}
    {{- return(adapter.dispatch(
        "cloudtrail_log_date_predicate", "cloudtrail_s3"
    )(days)) -}}
{% endmacro %}


{% macro duckdb__cloudtrail_log_date_predicate(days) -%}
    {{ cloudtrail_s3.cloudtrail_days_predicate("log_date", days) }}
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
