{#- After the files are read, before the first table changes: they must still be
    those that were listed, or fct_cloudtrail_loads would name a version that
    nobody has read. -#}

{% macro cloudtrail_check_unchanged() %}
    {%- if cloudtrail_s3.cloudtrail_is_running() -%}
        {%- do adapter.dispatch(
            "cloudtrail_check_unchanged", "cloudtrail_s3"
        )() -%}
    {%- endif -%}
{% endmacro %}


{% macro duckdb__cloudtrail_check_unchanged() %}
    {#- In S3 a file is written once. -#}
    {%- if "://" in cloudtrail_s3.cloudtrail_root() -%}
        {{ return("") }}
    {%- endif -%}
    {%- do run_query(
        "set variable cloudtrail_listed = coalesce(("
        ~ cloudtrail_s3.cloudtrail_file_patterns("int_cloudtrail_files_to_read")
        ~ "), [])"
    ) -%}
    {#- Of some names DuckDB finds those that are there, of none it reads
        nothing. -#}
    {%- set found = "getvariable('cloudtrail_listed')" if run_query(
        "select 1 from glob(getvariable('cloudtrail_listed')) limit 1"
    ).rows else "[]" -%}
    {%- set changed = run_query(
        "select listed.file_path, found.filename is null from "
        ~ cloudtrail_s3.cloudtrail_stored("int_cloudtrail_files_to_read")
        ~ " as listed left join ("
        ~ "select filename, size, make_timestamp_ms(epoch_ms(last_modified))"
        ~ " as modified_at from read_blob(" ~ found
        ~ ")) as found on listed.file_path = found.filename"
        ~ " where found.filename is null or found.size != listed.size"
        ~ " or found.modified_at != listed.modified_at"
        ~ " order by 1 limit 1"
    ).rows -%}
    {%- if changed -%}
        {{ cloudtrail_s3.cloudtrail_stop(
            "the file " ~ changed[0][0]
            ~ (" has gone" if changed[0][1] else " has changed")
            ~ " while it was read; run the same again when nothing writes to"
            ~ " the logs"
        ) }}
    {%- endif -%}
{% endmacro %}


{% macro athena__cloudtrail_check_unchanged() %}
    {#- Raw files are read once. -#}
    {{- return("") -}}
{% endmacro %}
