{#- The files of the days that a run reads, and no others. -#}

{% macro cloudtrail_log_date_predicate(days) %}
    {{- return(adapter.dispatch(
        "cloudtrail_log_date_predicate", "cloudtrail_s3"
    )(days)) -}}
{% endmacro %}


{% macro duckdb__cloudtrail_log_date_predicate(days) -%}
    {#- A file that has come since they were listed is the next run's. -#}
    {{ cloudtrail_s3.cloudtrail_days_predicate("log_date", days) }}
    and log_file in (
        select log_file from {{ ref("int_cloudtrail_files_to_read") }}
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
