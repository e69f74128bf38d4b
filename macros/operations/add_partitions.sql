{#-
    Adds the partitions of the days from start to end (today), both inclusive,
    in every listed account and region. Without start it begins with the first
    day that a run reads. Those that are there stay as they are.
-#}
{% macro cloudtrail_add_partitions(start=none, end=none, dry_run=false) %}
    {%- do cloudtrail_s3.cloudtrail_flag("dry_run", dry_run) -%}
    {%- do cloudtrail_s3.cloudtrail_require_partitioned() -%}
    {%- if not start -%}
        {%- do cloudtrail_s3.cloudtrail_first_day() -%}
    {%- endif -%}
    {%- set first = cloudtrail_s3.cloudtrail_day("start", start)
        if start else cloudtrail_s3.cloudtrail_first_wanted_day() -%}
    {%- set last = cloudtrail_s3.cloudtrail_day("end", end)
        if end else cloudtrail_s3.cloudtrail_today() -%}
    {%- set statements = cloudtrail_s3.cloudtrail_partition_statements(
        "add", first, last
    ) -%}
    {%- do cloudtrail_s3.cloudtrail_run_statements(statements, dry_run) -%}
    {%- if not dry_run -%}
        {%- do log(
            "Added the partitions of " ~ first ~ " to " ~ last ~ " to "
            ~ cloudtrail_s3.cloudtrail_source_table(),
            info=true
        ) -%}
    {%- endif -%}
{% endmacro %}
