{#- Before the first table changes: what was read must be CloudTrail's. -#}

{% macro cloudtrail_check_files_read(files_read) %}
    {%- if cloudtrail_s3.cloudtrail_is_running() -%}
        {%- do adapter.dispatch(
            "cloudtrail_check_files_read", "cloudtrail_s3"
        )(files_read) -%}
    {%- endif -%}
{% endmacro %}


{% macro duckdb__cloudtrail_check_files_read(files_read) %}
    {#- Files of other JSON are told, and a root that holds nothing else is no
        CloudTrail root. -#}
    {%- set ignored = run_query(
        "select log_path from " ~ files_read
        ~ " where status = 'ignored' order by 1"
    ).columns[0].values() | list -%}
    {%- if ignored -%}
        {%- if cloudtrail_s3.cloudtrail_is_rebuild() and not run_query(
            "select 1 from " ~ files_read
            ~ " where status != 'ignored' limit 1"
        ).rows -%}
            {{ cloudtrail_s3.cloudtrail_stop(
                "cloudtrail_root "
                ~ cloudtrail_s3.cloudtrail_root()
                ~ " holds no CloudTrail log file: none of its "
                ~ ignored | length ~ " JSON files has Records"
            ) }}
        {%- endif -%}
        {%- do exceptions.warn(
            "cloudtrail_s3: " ~ ignored | length
            ~ " files are ignored, they are JSON without Records: "
            ~ cloudtrail_s3.cloudtrail_printable(ignored[:3] | join(", "))
            ~ (", ..." if ignored | length > 3 else "")
        ) -%}
    {%- endif -%}
{% endmacro %}


{% macro athena__cloudtrail_check_files_read(files_read) %}
    {#- Files that are not there, or not where the table looks, are zero rows
        without a word. -#}
    {%- set read = run_query(
        "select min(log_date), max(log_date), sum(s3_record_count) from "
        ~ files_read
    ).rows[0] -%}
    {%- if not read[2] -%}
        {%- set said = "no S3 request was found on the log days " ~ read[0]
            ~ " to " ~ read[1] ~ " in the table "
            ~ cloudtrail_s3.cloudtrail_source_table() ~ " below "
            ~ cloudtrail_s3.cloudtrail_root() -%}
        {%- if cloudtrail_s3.cloudtrail_is_rebuild() -%}
            {{ cloudtrail_s3.cloudtrail_stop(
                said ~ "; check the root, the accounts, the regions and the"
                ~ " days with make check-source, and that the trail logs"
                ~ " S3's data events"
                ~ (
                    ", or begin the backfill with days that have some"
                    if cloudtrail_s3.cloudtrail_backfill_range()[0] else ""
                )
            ) }}
        {%- endif -%}
        {%- do exceptions.warn("cloudtrail_s3: " ~ said) -%}
    {%- endif -%}
{% endmacro %}
