{#- Listing the files below the root: DuckDB only. On Athena the table's
    partitions decide what is visible. -#}

{% macro cloudtrail_root_is_file() %}
    {#- On S3 a name is enough: a folder is not named like a log file. -#}
    {%- set root = cloudtrail_s3.cloudtrail_root() -%}
    {%- if "://" in root or not cloudtrail_s3.cloudtrail_is_running() -%}
        {{ return(root.endswith(".json") or root.endswith(".json.gz")) }}
    {%- endif -%}
    {{ return(
        adapter.dispatch("cloudtrail_root_is_file", "cloudtrail_s3")(root)
    ) }}
{% endmacro %}


{% macro duckdb__cloudtrail_root_is_file(path) %}
    {{ return(run_query(
        "select file from glob(" ~ cloudtrail_s3.cloudtrail_literal(
            cloudtrail_s3.cloudtrail_escaped_glob(path)
        ) ~ ")"
    ).rows | length > 0) }}
{% endmacro %}


{% macro athena__cloudtrail_root_is_file(path) %}
    {{ return(false) }}
{% endmacro %}


{% macro cloudtrail_log_file_globs() %}
    {#- The patterns that read a root, whatever characters its name has. -#}
    {%- set escaped = cloudtrail_s3.cloudtrail_escaped_glob(
        cloudtrail_s3.cloudtrail_root()
    ) -%}
    {%- if cloudtrail_s3.cloudtrail_root_is_file() -%}
        {{ return([escaped]) }}
    {%- endif -%}
    {{ return(
        cloudtrail_s3.cloudtrail_log_folder_globs()
        if cloudtrail_s3.cloudtrail_lists_folders()
        else [escaped.rstrip("/") ~ "/**/*.json*"]
    ) }}
{% endmacro %}


{% macro cloudtrail_escaped_glob(path) %}
    {{- return(modules.re.sub("([*?[])", "[\\1]", path)) -}}
{% endmacro %}


{% macro cloudtrail_keep_listing() %}
    {#- Lists the files once for all that is asked of them while the first
        model is compiled: each model has a connection of its own, and so have
        temporary tables. -#}
    {%- do run_query(
        "create or replace temp table cloudtrail_listing as "
        ~ cloudtrail_s3.cloudtrail_log_listing()
    ) -%}
    {{ return(run_query(
        "select count(*) from temp.cloudtrail_listing"
    ).rows[0][0]) }}
{% endmacro %}


{% macro cloudtrail_log_listing() %}
    {#- One row per log file that the settings let through. read_blob opens
        no file as long as nobody asks for content. Materialized, because
        DuckDB would compile the conditions anew for each file while it plans
        the statement: a hundred times slower. -#}
    {%- set tail = cloudtrail_s3.cloudtrail_log_tail("filename") %}
    select *
    from (
        with files as materialized (

            select
                filename,
                size,
                last_modified
            from read_blob([{{ cloudtrail_s3.cloudtrail_literals(
                cloudtrail_s3.cloudtrail_log_file_globs()
            ) }}])

        )

        select
            filename as file_path,
            {{ cloudtrail_s3.cloudtrail_path_below_root("filename") }}
                as log_path,
            {{ cloudtrail_s3.cloudtrail_log_file(tail) }} as log_file,
            {{ cloudtrail_s3.cloudtrail_log_date(tail) }} as log_date,
            size,
            make_timestamp_ms(epoch_ms(last_modified)) as modified_at
        from files
        where {{ cloudtrail_s3.cloudtrail_is_log_file(tail) }}
    ) as listed
    where {{ cloudtrail_s3.cloudtrail_is_wanted_file(
        "file_path", cloudtrail_s3.cloudtrail_log_tail("file_path"), "log_date"
    ) }}
{% endmacro %}
