{#-
    Drops the partitions of the days from start (cloudtrail_start_date) to
    end, both inclusive. Without end those go that are more than
    cloudtrail_retention_days before today. Files are never deleted.
-#}
{% macro cloudtrail_drop_partitions(start=none, end=none, dry_run=false) %}
    {%- do cloudtrail_s3.cloudtrail_flag("dry_run", dry_run) -%}
    {%- do cloudtrail_s3.cloudtrail_require_partitioned() -%}
    {%- set retention =
        cloudtrail_s3.cloudtrail_var_integer("cloudtrail_retention_days") -%}
    {%- if not end and retention == 0 -%}
        {{ cloudtrail_s3.cloudtrail_stop(
            "cloudtrail_retention_days is 0, which keeps every partition; set"
            ~ " it, or give the last day to drop as --args '{end: …}'"
        ) }}
    {%- endif -%}
    {%- set first = cloudtrail_s3.cloudtrail_day("start", start)
        if start else cloudtrail_s3.cloudtrail_first_day() -%}
    {%- set last = cloudtrail_s3.cloudtrail_day("end", end)
        if end else cloudtrail_s3.cloudtrail_add_days(
            cloudtrail_s3.cloudtrail_today(), -retention - 1
        ) -%}
    {%- if not end and last < first -%}
        {#- The logs are younger than the retention. -#}
        {%- do log(
            "No day before " ~ first ~ ": nothing to drop", info=true
        ) -%}
    {%- else -%}
        {%- set statements = cloudtrail_s3.cloudtrail_partition_statements(
            "drop", first, last
        ) -%}
        {%- do cloudtrail_s3.cloudtrail_run_statements(statements, dry_run) -%}
        {%- if not dry_run -%}
            {%- do log(
                "Dropped the partitions of " ~ first ~ " to " ~ last
                ~ " from " ~ cloudtrail_s3.cloudtrail_source_table(),
                info=true
            ) -%}
        {%- endif -%}
    {%- endif -%}
{% endmacro %}
