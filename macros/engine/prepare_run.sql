{#- What the first model does before anything changes: it refuses what cannot
    work, each in one sentence. -#}

{% macro cloudtrail_prepare_run() %}
    {%- if cloudtrail_s3.cloudtrail_is_running() -%}
        {%- do cloudtrail_s3.cloudtrail_check_materializations() -%}
        {%- do cloudtrail_s3.cloudtrail_check_selection() -%}
        {#- Every variable is read once, so that a bad one stops here. -#}
        {%- set settings = cloudtrail_s3.cloudtrail_settings() -%}
        {%- do cloudtrail_s3.cloudtrail_backfill_range() -%}
        {%- do cloudtrail_s3.cloudtrail_first_wanted_day() -%}
        {%- for name in [
            "cloudtrail_lookback_days",
            "cloudtrail_quiet_days",
            "cloudtrail_min_covered_days",
            "cloudtrail_new_access_days",
            "cloudtrail_baseline_days",
        ] -%}
            {%- do cloudtrail_s3.cloudtrail_var_integer(name) -%}
        {%- endfor -%}
        {%- do cloudtrail_s3.cloudtrail_outlier_days() -%}
        {%- do cloudtrail_s3.cloudtrail_outlier_min_bytes() -%}
        {%- for name in [
            "cloudtrail_allow_data_loss", "cloudtrail_test_all"
        ] -%}
            {%- do cloudtrail_s3.cloudtrail_var_boolean(name) -%}
        {%- endfor -%}
        {%- do cloudtrail_s3.cloudtrail_layout() -%}
        {%- do cloudtrail_s3.cloudtrail_serde() -%}
        {%- do cloudtrail_s3.cloudtrail_check_table_type() -%}
        {%- do cloudtrail_s3.cloudtrail_check_database() -%}
        {%- do cloudtrail_s3.cloudtrail_check_source() -%}
        {%- if not flags.FULL_REFRESH
            and not cloudtrail_s3.cloudtrail_has_nothing_stored() -%}
            {%- do cloudtrail_s3.cloudtrail_check_settings(settings) -%}
        {%- endif -%}
    {%- endif -%}
{% endmacro %}


{% macro cloudtrail_check_source() %}
    {{- return(adapter.dispatch(
        "cloudtrail_check_source", "cloudtrail_s3"
    )()) -}}
{% endmacro %}


{% macro duckdb__cloudtrail_check_source() %}
    {%- set root = cloudtrail_s3.cloudtrail_root() -%}
    {%- do cloudtrail_s3.cloudtrail_check_reads_s3(root) -%}
    {%- set globs = cloudtrail_s3.cloudtrail_literals(
        cloudtrail_s3.cloudtrail_log_file_globs()
    ) -%}
    {%- set file_count, odd = run_query(
        "select count(*), min(file) filter (where contains(file, '?'))"
        ~ " from glob([" ~ globs ~ "])"
    ).rows[0].values() -%}
    {#- DuckDB takes ? for the start of a query string and then no longer
        sees that a file is compressed. -#}
    {%- if odd -%}
        {{ cloudtrail_s3.cloudtrail_stop(
            "the path " ~ odd ~ " has a question mark, which DuckDB"
            ~ " cannot read; rename it"
        ) }}
    {%- endif -%}
    {%- if file_count and cloudtrail_s3.cloudtrail_keep_listing() -%}
        {{ return("") }}
    {%- endif -%}
    {%- set endings = [""] if cloudtrail_s3.cloudtrail_root_is_file()
        else ["/*", "/*/"] if cloudtrail_s3.cloudtrail_lists_folders()
        else ["/**"] -%}
    {%- set anything = [] -%}
    {%- for ending in endings -%}
        {%- do anything.append(
            cloudtrail_s3.cloudtrail_escaped_glob(root).rstrip("/") ~ ending
        ) -%}
    {%- endfor -%}
    {%- if not run_query(
        "select 1 from glob([" ~ cloudtrail_s3.cloudtrail_literals(anything)
        ~ "]) limit 1"
    ).rows -%}
        {{ cloudtrail_s3.cloudtrail_stop(
            "cloudtrail_root " ~ root ~ " does not exist or holds no file;"
            ~ " give the folder, file or s3:// prefix that holds the"
            ~ " CloudTrail files"
        ) }}
    {%- endif -%}
    {{ cloudtrail_s3.cloudtrail_stop(
        "cloudtrail_root " ~ root ~ " holds no CloudTrail log file to"
        ~ " read; log files end in .json or .json.gz, below an AWSLogs"
        ~ " folder they lie in a CloudTrail folder, and the variables"
        ~ " cloudtrail_account_ids, cloudtrail_regions,"
        ~ " cloudtrail_start_date, cloudtrail_end_date,"
        ~ " cloudtrail_retention_days and cloudtrail_excluded_files must let"
        ~ " them through"
    ) }}
{% endmacro %}


{% macro cloudtrail_check_reads_s3(root) %}
    {#- DuckDB's own way to S3 is an extension that it has to download. -#}
    {%- if root.startswith("s3://")
        and not cloudtrail_s3.cloudtrail_lists_folders()
        and not target.filesystems
        and not run_query(
            "select 1 from duckdb_extensions()"
            ~ " where extension_name = 'httpfs' and installed"
        ).rows -%}
        {{ cloudtrail_s3.cloudtrail_stop(
            "the target " ~ target.name ~ " does not read " ~ root
            ~ "; use the target duckdb_s3 of profiles.example.yml"
            ~ " (--target duckdb_s3 with dbt, CLOUDTRAIL_ROOT=s3://... with"
            ~ " make)"
        ) }}
    {%- endif -%}
{% endmacro %}


{% macro athena__cloudtrail_check_source() %}
    {%- do cloudtrail_s3.cloudtrail_first_day() -%}
    {%- do cloudtrail_s3.cloudtrail_logs_location() -%}
    {%- set table = cloudtrail_s3.cloudtrail_source_table() -%}
    {%- set found = cloudtrail_s3.cloudtrail_source_columns() -%}
    {%- set layout = cloudtrail_s3.cloudtrail_layout() -%}
    {%- if not found -%}
        {{ cloudtrail_s3.cloudtrail_stop(
            "the table " ~ table ~ " over the log files is not there; create"
            ~ " it with dbt run-operation cloudtrail_create_table, or name"
            ~ " another one with cloudtrail_source_schema and"
            ~ " cloudtrail_source_table"
        ) }}
    {%- endif -%}
    {#- The table that AWS documents has no managementevent. -#}
    {%- set missing = cloudtrail_s3.cloudtrail_missing_columns()
        | reject("equalto", "managementevent") | list -%}
    {%- if missing -%}
        {{ cloudtrail_s3.cloudtrail_stop(
            "the table " ~ table ~ " lacks the columns "
            ~ missing | join(", ") ~ ", which the models read; create one that"
            ~ " has them, under another cloudtrail_source_table or in place of"
            ~ " this one: dbt run-operation cloudtrail_create_table --args"
            ~ " '{replace: true}'"
        ) }}
    {%- endif -%}
    {%- set expected = cloudtrail_s3.cloudtrail_partition_columns(layout) -%}
    {%- set partitions = found | select("in", [
        "account", "region", "year", "month", "day"
    ]) | list -%}
    {%- if partitions | sort != expected | sort -%}
        {{ cloudtrail_s3.cloudtrail_stop(
            "the table " ~ table ~ " is partitioned by "
            ~ (partitions | join(", ") or "nothing")
            ~ ", but with cloudtrail_layout " ~ layout ~ " and "
            ~ cloudtrail_s3.cloudtrail_account_ids() | unique | list | length
            ~ " accounts it is "
            ~ (expected | join(", ") or "nothing")
            ~ "; set cloudtrail_layout and cloudtrail_account_ids as the table"
            ~ " is, or create it anew: dbt run-operation"
            ~ " cloudtrail_create_table --args '{replace: true}'"
        ) }}
    {%- endif -%}
    {%- if layout == "unpartitioned" -%}
        {%- do log(
            "cloudtrail_s3: " ~ table ~ " is unpartitioned: every run reads"
            ~ " all of its files, whatever the days",
            info=true
        ) -%}
    {%- endif -%}
{% endmacro %}


{% macro cloudtrail_source_columns() %}
    {#- The columns of Athena's table over the log files, partition columns
        included; none where there is no table. -#}
    {%- if not cloudtrail_s3.cloudtrail_is_running() -%}
        {{ return([]) }}
    {%- endif -%}
    {%- set table = cloudtrail_s3.cloudtrail_raw_table() -%}
    {{ return(
        [] if table is none
        else adapter.get_columns_in_relation(table) | map(attribute="name")
        | map("lower") | list
    ) }}
{% endmacro %}


{% macro cloudtrail_missing_columns() %}
    {%- set found = cloudtrail_s3.cloudtrail_source_columns() -%}
    {%- set missing = [] -%}
    {%- for column in cloudtrail_s3.cloudtrail_table_columns("json")
        if found and column["name"] not in found -%}
        {%- do missing.append(column["name"]) -%}
    {%- endfor -%}
    {{ return(missing) }}
{% endmacro %}


{% macro cloudtrail_ways_out() %}
    {{- return(
        "; rebuild the tables with a full refresh (FULL_REFRESH=1 with make,"
        ~ " --full-refresh with dbt) or use another "
        ~ cloudtrail_s3.cloudtrail_other_place()
    ) -}}
{% endmacro %}


{% macro cloudtrail_other_place() %}
    {{- return(adapter.dispatch(
        "cloudtrail_other_place", "cloudtrail_s3"
    )()) -}}
{% endmacro %}


{% macro duckdb__cloudtrail_other_place() %}
    {{- return("database (CLOUDTRAIL_DUCKDB_PATH)") -}}
{% endmacro %}


{% macro athena__cloudtrail_other_place() %}
    {{- return("schema (ATHENA_SCHEMA)") -}}
{% endmacro %}


{% macro cloudtrail_stored_settings() %}
    {{- return(fromjson(run_query(
        "select max(settings) from "
        ~ cloudtrail_s3.cloudtrail_stored("fct_cloudtrail_loads")
    ).rows[0][0])) -}}
{% endmacro %}


{% macro cloudtrail_check_settings(settings) %}
    {%- set stored = cloudtrail_s3.cloudtrail_stored_settings() -%}
    {%- for name in settings if name != "cloudtrail_excluded_files"
        and settings[name] != stored[name] -%}
        {{ cloudtrail_s3.cloudtrail_stop(
            "these tables were built with " ~ name ~ " "
            ~ (stored[name] or "empty") ~ ", not "
            ~ (settings[name] or "empty")
            ~ cloudtrail_s3.cloudtrail_ways_out()
        ) }}
    {%- endfor -%}
    {#- A file that was never loaded may come and go. -#}
    {%- for excluded in settings["cloudtrail_excluded_files"] -%}
        {%- set loaded = cloudtrail_s3.cloudtrail_loaded_file(excluded) -%}
        {%- if loaded -%}
            {{ cloudtrail_s3.cloudtrail_stop(
                "cloudtrail_excluded_files names " ~ excluded
                ~ ", but these tables were built with "
                ~ loaded ~ cloudtrail_s3.cloudtrail_ways_out()
            ) }}
        {%- endif -%}
    {%- endfor -%}
{% endmacro %}


{% macro cloudtrail_loaded_file(ending) %}
    {{- return(adapter.dispatch(
        "cloudtrail_loaded_file", "cloudtrail_s3"
    )(ending)) -}}
{% endmacro %}


{% macro duckdb__cloudtrail_loaded_file(ending) %}
    {%- set found = run_query(
        "select log_file from "
        ~ cloudtrail_s3.cloudtrail_stored("fct_cloudtrail_loads")
        ~ " where " ~ cloudtrail_s3.cloudtrail_path_ends_with(
            "log_file", ending
        ) ~ " limit 1"
    ).rows -%}
    {{ return(found[0][0] if found else "") }}
{% endmacro %}


{% macro athena__cloudtrail_loaded_file(ending) %}
    {#- The loads are days here. The name of a file with S3 records is its
        path's tail, which may be shorter than what is asked for. -#}
    {%- set found = run_query(
        "select log_file from "
        ~ cloudtrail_s3.cloudtrail_stored("fct_cloudtrail_log_files")
        ~ " where " ~ cloudtrail_s3.cloudtrail_path_ends_with(
            "log_file", ending
        ) ~ " or substr("
        ~ cloudtrail_s3.cloudtrail_literal("/" ~ ending)
        ~ ", -length(log_file) - 1) = '/' || log_file limit 1"
    ).rows -%}
    {{ return(found[0][0] if found else "") }}
{% endmacro %}


{% macro cloudtrail_check_data_loss() %}
    {#- Before a rebuild changes a table: also where one that was refused is
        gone on with by naming models. Only what the same root held and today's
        settings still want. -#}
    {%- if cloudtrail_s3.cloudtrail_is_running()
        and not cloudtrail_s3.cloudtrail_var_boolean(
            "cloudtrail_allow_data_loss"
        )
        and cloudtrail_s3.cloudtrail_is_rebuild()
        and not cloudtrail_s3.cloudtrail_has_nothing_stored()
        and cloudtrail_s3.cloudtrail_stored_settings().cloudtrail_root
            == cloudtrail_s3.cloudtrail_root() -%}
        {%- set lost = cloudtrail_s3.cloudtrail_lost_days() -%}
        {%- if lost -%}
            {{ cloudtrail_s3.cloudtrail_stop(
                "a full refresh would lose " ~ lost | length
                ~ " loaded days whose files are gone ("
                ~ lost[:5] | map("string") | join(", ")
                ~ (", ..." if lost | length > 5 else "")
                ~ "); bring the files back, or set"
                ~ " cloudtrail_allow_data_loss to true"
            ) }}
        {%- endif -%}
    {%- endif -%}
{% endmacro %}


{% macro cloudtrail_lost_days() %}
    {{- return(adapter.dispatch(
        "cloudtrail_lost_days", "cloudtrail_s3"
    )()) -}}
{% endmacro %}


{% macro duckdb__cloudtrail_lost_days() %}
    {{ return(run_query(
        "select distinct log_date from "
        ~ cloudtrail_s3.cloudtrail_stored("fct_cloudtrail_loads")
        ~ " where status = 'loaded' and "
        ~ cloudtrail_s3.cloudtrail_is_wanted_file(
            "log_file", "log_file", "log_date"
        )
        ~ " and log_file not in (select log_path from ("
        ~ cloudtrail_s3.cloudtrail_log_listing()
        ~ ") as listing) order by 1"
    ).columns[0].values() | list) }}
{% endmacro %}


{% macro athena__cloudtrail_lost_days() %}
    {#- The raw files have just been read once: a file that held S3 records
        and holds none now is gone. One with nothing but buckets that are left
        out since then looks the same: then the requests tell. -#}
    {%- set excluded = cloudtrail_s3.cloudtrail_settings()
        .cloudtrail_excluded_buckets -%}
    {%- set holder = cloudtrail_s3.cloudtrail_stored(
        "fct_cloudtrail_log_files"
    ) -%}
    {%- if excluded
        and excluded != cloudtrail_s3.cloudtrail_stored_settings()
            .cloudtrail_excluded_buckets -%}
        {%- set holder = "(select log_file, log_date from "
            ~ cloudtrail_s3.cloudtrail_stored("fct_s3_requests")
            ~ " where coalesce(bucket_name, '') not in ("
            ~ cloudtrail_s3.cloudtrail_literals(excluded) ~ ")) as requests"
        -%}
    {%- endif -%}
    {{ return(run_query(
        "select distinct log_date from " ~ holder
        ~ " where " ~ cloudtrail_s3.cloudtrail_is_wanted_file(
            "log_file", "log_file", "log_date"
        )
        ~ " and log_file not in (select log_file from "
        ~ cloudtrail_s3.cloudtrail_stored("int_cloudtrail_file_days")
        ~ ") order by 1"
    ).columns[0].values() | list) }}
{% endmacro %}
