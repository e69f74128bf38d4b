{#- Listing the files below the root: DuckDB only. On Athena the table's
    partitions decide what is visible. -#}

{% macro cloudtrail_log_file_glob() %}
    {#- The pattern that reads a root, whatever characters its name has. -#}
    {%- set root = cloudtrail_s3.cloudtrail_root() | trim -%}
    {%- set escaped = cloudtrail_s3.cloudtrail_escaped_glob(root) -%}
    {%- if not cloudtrail_s3.cloudtrail_is_running() -%}
        {{ return(escaped ~ "/**/*.json*") }}
    {%- endif -%}
    {%- set files = run_query(
        "select file from glob("
        ~ cloudtrail_s3.cloudtrail_literal(escaped) ~ ")"
    ) -%}
    {{ return(
        escaped if files.rows | length > 0
        else escaped.rstrip("/") ~ "/**/*.json*"
    ) }}
{% endmacro %}


{% macro cloudtrail_escaped_glob(path) %}
    {{- return(modules.re.sub("([*?[])", "[\\1]", path)) -}}
{% endmacro %}


{% macro cloudtrail_log_listing() %}
    {#- One row per log file that the settings let through. read_blob opens
        no file as long as nobody asks for content. -#}
    select
        listed.file_path,
        listed.log_path,
        listed.log_file,
        listed.log_date,
        listed.size,
        listed.modified_at
    from (
        select
            filename as file_path,
            size,
            make_timestamp_ms(epoch_ms(last_modified)) as modified_at,
            {{ cloudtrail_s3.cloudtrail_path_below_root("filename") }}
                as log_path,
            {{ cloudtrail_s3.cloudtrail_log_file("filename") }} as log_file,
            {{ cloudtrail_s3.cloudtrail_log_date(
                cloudtrail_s3.cloudtrail_log_file("filename")
            ) }} as log_date
        from read_blob({{ cloudtrail_s3.cloudtrail_literal(
            cloudtrail_s3.cloudtrail_log_file_glob()
        ) }})
    ) as listed
    where
        {{ cloudtrail_s3.cloudtrail_is_log_file("listed.log_file") }}
        and {{ cloudtrail_s3.cloudtrail_is_wanted_file(
            "listed.file_path", "listed.log_file", "listed.log_date"
        ) }}
{% endmacro %}
