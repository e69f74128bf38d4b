{#-
    Removes from the tables what came in log days before the first one that
    cloudtrail_retention_days keeps, and counts what is counted by event day
    anew. No log file and no partition of the raw table is touched.
-#}
{% macro cloudtrail_apply_retention(dry_run=false, if_built=false) %}
    {%- do cloudtrail_s3.cloudtrail_flag("dry_run", dry_run) -%}
    {%- do cloudtrail_s3.cloudtrail_flag("if_built", if_built) -%}
    {%- set first = cloudtrail_s3.cloudtrail_first_kept_day() -%}
    {%- if not first -%}
        {{ cloudtrail_s3.cloudtrail_stop(
            "cloudtrail_retention_days is 0, which keeps every log day; set it"
            ~ " to the number of days before today that are kept"
        ) }}
    {%- endif -%}
    {%- set tables = {} -%}
    {%- set daily_models = cloudtrail_s3.cloudtrail_daily_models() -%}
    {%- for name in cloudtrail_s3.cloudtrail_remembering_models() -%}
        {%- set table = cloudtrail_s3.cloudtrail_stored(name) -%}
        {%- if table is none and if_built -%}
            {{ return("") }}
        {%- elif table is none -%}
            {{ cloudtrail_s3.cloudtrail_stop(
                "there is no table " ~ name ~ " to remove days from; build the"
                ~ " tables first, with dbt build"
            ) }}
        {%- endif -%}
        {%- do tables.update({name: table}) -%}
    {%- endfor -%}
    {%- do cloudtrail_s3.cloudtrail_check_table_type() -%}
    {%- set expired = "log_date < date '" ~ first ~ "'" -%}
    {%- set event_days = run_query(
        "select distinct event_date from " ~ tables["fct_s3_requests"]
        ~ " where " ~ expired ~ " order by 1"
    ) -%}
    {%- do print(
        "Log days before " ~ first ~ " are past cloudtrail_retention_days ("
        ~ cloudtrail_s3.cloudtrail_var_integer("cloudtrail_retention_days")
        ~ ")" ~ ("; dry run, nothing is removed" if dry_run else "")
    ) -%}
    {%- for name, table in tables.items() if name not in daily_models -%}
        {%- set rows, days = run_query(
            "select count(*), count(distinct log_date) from " ~ table
            ~ " where " ~ expired
        ).rows[0].values() -%}
        {%- do print(
            "  " ~ name ~ ": " ~ cloudtrail_s3.cloudtrail_number(rows)
            ~ " rows of " ~ cloudtrail_s3.cloudtrail_number(days)
            ~ " log days go"
        ) -%}
    {%- endfor -%}
    {%- do print(
        "  counts by day: "
        ~ cloudtrail_s3.cloudtrail_number(event_days.rows | length)
        ~ " event days of " ~ daily_models | join(", ")
        ~ " are counted anew"
    ) -%}
    {%- if not dry_run -%}
        {%- do cloudtrail_s3.cloudtrail_remove_expired(
            tables, first, event_days
        ) -%}
        {%- do print(
            "Removed; what is made from these tables follows with the next"
            ~ " dbt build"
        ) -%}
    {%- endif -%}
{% endmacro %}
