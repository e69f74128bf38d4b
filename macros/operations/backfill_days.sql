{#-
    Prints the log days from cloudtrail_backfill_start to
    cloudtrail_backfill_end that are not loaded yet, as JSON: what
    scripts/backfill.py splits into runs.
-#}
{% macro cloudtrail_print_backfill_days() %}
    {%- do cloudtrail_s3.cloudtrail_prepare_run() -%}
    {%- set start, end = cloudtrail_s3.cloudtrail_backfill_range() -%}
    {%- if not start -%}
        {{ cloudtrail_s3.cloudtrail_stop(
            "cloudtrail_backfill_start is empty; a backfill needs its first"
            ~ " and its last day"
        ) }}
    {%- endif -%}
    {%- do print(tojson(
        cloudtrail_s3.cloudtrail_backfill_days(start, end)
    )) -%}
{% endmacro %}
