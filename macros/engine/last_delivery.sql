{#- When CloudTrail delivered its newest log file, by the file's name: what
    source freshness compares with the present. -#}

{% macro cloudtrail_last_delivery() %}
    {{- return(adapter.dispatch(
        "cloudtrail_last_delivery", "cloudtrail_s3"
    )()) -}}
{% endmacro %}


{% macro duckdb__cloudtrail_last_delivery() %}
    select
        max(try_strptime(
            regexp_extract(log_file, '_([0-9]{8}T[0-9]{4})Z_[^/]*$', 1),
            '%Y%m%dT%H%M'
        )) as delivered_at
    from (
        {{ cloudtrail_s3.cloudtrail_log_listing() }}
    ) as listing
{% endmacro %}


{% macro athena__cloudtrail_last_delivery() %}
    {#- Of the last two days alone: history is not scanned. -#}
    {%- do cloudtrail_s3.cloudtrail_source_table() -%}
    {%- set today = cloudtrail_s3.cloudtrail_today() -%}
    select
        max(try(date_parse(
            regexp_extract("$path", '_([0-9]{8}T[0-9]{4})Z_[^/]*$', 1),
            '%Y%m%dT%H%i'
        ))) as delivered_at
    from {{ source("cloudtrail", "events") }}
    where {{ cloudtrail_s3.cloudtrail_partition_predicate(
        cloudtrail_s3.cloudtrail_add_days(today, -1), today
    ) }}
{% endmacro %}
