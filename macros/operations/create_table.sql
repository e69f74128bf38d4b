{#-
    Creates the database and the external table over the raw log files. A
    table that is there stops it, unless if_missing is true, which leaves the
    table as it is, or replace: then it is dropped first, which deletes no
    file but forgets added partitions.
-#}
{% macro cloudtrail_create_table(
    dry_run=false, replace=false, if_missing=false
) %}
    {%- do cloudtrail_s3.cloudtrail_flag("dry_run", dry_run) -%}
    {%- do cloudtrail_s3.cloudtrail_flag("replace", replace) -%}
    {%- do cloudtrail_s3.cloudtrail_flag("if_missing", if_missing) -%}
    {%- if if_missing and not replace
        and cloudtrail_s3.cloudtrail_raw_table() -%}
        {{ return("") }}
    {%- endif -%}
    {%- set database = [
        cloudtrail_s3.cloudtrail_create_database_statement()
    ] -%}
    {%- set table =
        ([cloudtrail_s3.cloudtrail_drop_table_statement()] if replace else [])
        + [cloudtrail_s3.cloudtrail_create_table_statement()] -%}
    {%- do cloudtrail_s3.cloudtrail_run_statements(database, dry_run) -%}
    {%- if not (dry_run or replace) -%}
        {%- do cloudtrail_s3.cloudtrail_require_no_table() -%}
    {%- endif -%}
    {%- do cloudtrail_s3.cloudtrail_run_statements(table, dry_run) -%}
    {%- set unfilled = cloudtrail_s3.cloudtrail_table_columns(
        cloudtrail_s3.cloudtrail_serde()
    ) | rejectattr("is_filled") | map(attribute="name") | list -%}
    {%- if unfilled -%}
        {%- do log(
            "CloudTrailSerde is not known to fill " ~ unfilled | join(", ")
            ~ "; cloudtrail_serde: json reads every column",
            info=true
        ) -%}
    {%- endif -%}
    {%- if not dry_run -%}
        {%- do log(
            "Created " ~ cloudtrail_s3.cloudtrail_source_table() ~ ", "
            ~ cloudtrail_s3.cloudtrail_layout(),
            info=true
        ) -%}
    {%- endif -%}
{% endmacro %}


{% macro cloudtrail_require_no_table() %}
    {%- if cloudtrail_s3.cloudtrail_raw_table() -%}
        {{ cloudtrail_s3.cloudtrail_stop(
            "the table " ~ cloudtrail_s3.cloudtrail_source_table()
            ~ " is there already; --args '{replace: true}' drops it, not the"
            ~ " log files, and creates it anew"
        ) }}
    {%- endif -%}
{% endmacro %}
