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


{% macro cloudtrail_kept_listing() %}
    {#- Of this run: another one in the same process has another name. A
        database's name is its file's, which has no slash. -#}
    {{- return(api.Relation.create(
        database="cloudtrail_s3/run",
        schema="main",
        identifier="listing_" ~ invocation_id
    )) -}}
{% endmacro %}


{% macro cloudtrail_keep_listing() %}
    {#- Lists the files once for the whole run. Each model has a connection of
        its own: they share attached databases, but no temporary tables. -#}
    {%- set kept = cloudtrail_s3.cloudtrail_kept_listing() -%}
    {#- What is in memory is never replaced. -#}
    {%- set database = adapter.quote(kept.database) -%}
    {%- do run_query("detach database if exists " ~ database) -%}
    {%- do run_query("attach ':memory:' as " ~ database) -%}
    {%- do run_query(
        "create table " ~ kept ~ " as "
        ~ cloudtrail_s3.cloudtrail_new_listing()
    ) -%}
    {{ return(run_query("select count(*) from " ~ kept).rows[0][0]) }}
{% endmacro %}


{% macro cloudtrail_keeps_listing() %}
    {#- A model that is a command of its own finds none. -#}
    {%- set kept = cloudtrail_s3.cloudtrail_kept_listing() -%}
    {{ return(
        cloudtrail_s3.cloudtrail_is_running()
        and run_query(
            "select 1 from duckdb_tables() where database_name = "
            ~ cloudtrail_s3.cloudtrail_literal(kept.database)
            ~ " and table_name = "
            ~ cloudtrail_s3.cloudtrail_literal(kept.identifier)
        ).rows | length > 0
    ) }}
{% endmacro %}


{% macro cloudtrail_log_listing() %}
    {#- One row per log file that the settings let through. -#}
    {{- return(
        "select * from " ~ cloudtrail_s3.cloudtrail_kept_listing()
        if cloudtrail_s3.cloudtrail_keeps_listing()
        else cloudtrail_s3.cloudtrail_new_listing()
    ) -}}
{% endmacro %}


{% macro cloudtrail_new_listing() %}
    {#- read_blob opens no file as long as nobody asks for content.
        Materialized, because DuckDB would compile the conditions anew for each
        file while it plans the statement: a hundred times slower. -#}
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
