{#- What the first model does before anything changes: it refuses what cannot
    work, each in one sentence. -#}

{% macro cloudtrail_prepare_run() %}
    {%- if cloudtrail_s3.cloudtrail_is_running() -%}
        {#- Every variable is read once, so that a bad one stops here. -#}
        {%- set settings = cloudtrail_s3.cloudtrail_settings() -%}
        {%- do cloudtrail_s3.cloudtrail_today() -%}
        {%- do cloudtrail_s3.cloudtrail_var_integer(
            "cloudtrail_lookback_days"
        ) -%}
        {%- do cloudtrail_s3.cloudtrail_var_integer(
            "cloudtrail_quiet_days"
        ) -%}
        {%- for name in ["cloudtrail_allow_data_loss", "cloudtrail_test_all"] -%}
            {%- do cloudtrail_s3.cloudtrail_var_boolean(name) -%}
        {%- endfor -%}
        {%- do cloudtrail_s3.cloudtrail_layout() -%}
        {%- do cloudtrail_s3.cloudtrail_serde() -%}
        {%- do cloudtrail_s3.cloudtrail_fact_table_type() -%}
        {%- do cloudtrail_s3.cloudtrail_check_source() -%}
        {%- if cloudtrail_s3.cloudtrail_has_nothing_stored() -%}
            {#- Nothing to contradict, nothing to lose. -#}
        {%- elif flags.FULL_REFRESH -%}
            {%- do cloudtrail_s3.cloudtrail_check_data_loss(settings) -%}
        {%- else -%}
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
    {%- set glob = cloudtrail_s3.cloudtrail_log_file_glob() -%}
    {%- set any_file = run_query(
        "select 1 from glob(" ~ cloudtrail_s3.cloudtrail_literal(
            glob.replace("/**/*.json*", "/**")
        ) ~ ") limit 1"
    ).rows | length -%}
    {%- if not any_file -%}
        {{ cloudtrail_s3.cloudtrail_stop(
            "cloudtrail_root " ~ root ~ " does not exist or holds no file;"
            ~ " give the folder, file or s3:// prefix that holds the"
            ~ " CloudTrail files"
        ) }}
    {%- endif -%}
    {#- DuckDB takes ? for the start of a query string and then no longer
        sees that a file is compressed. -#}
    {%- set odd = run_query(
        "select file from glob(" ~ cloudtrail_s3.cloudtrail_literal(glob)
        ~ ") where contains(file, '?') limit 1"
    ).rows -%}
    {%- if odd -%}
        {{ cloudtrail_s3.cloudtrail_stop(
            "the path " ~ odd[0][0] ~ " has a question mark, which DuckDB"
            ~ " cannot read; rename it"
        ) }}
    {%- endif -%}
    {%- set any_json = run_query(
        "select 1 from glob(" ~ cloudtrail_s3.cloudtrail_literal(glob)
        ~ ") limit 1"
    ).rows | length -%}
    {%- if not any_json or not run_query(
        "select 1 from (" ~ cloudtrail_s3.cloudtrail_log_listing()
        ~ ") as listing limit 1"
    ).rows -%}
        {{ cloudtrail_s3.cloudtrail_stop(
            "cloudtrail_root " ~ root ~ " holds no CloudTrail log file to"
            ~ " read; log files end in .json or .json.gz, below an AWSLogs"
            ~ " folder they lie in a CloudTrail folder, and the variables"
            ~ " cloudtrail_account_ids, cloudtrail_regions,"
            ~ " cloudtrail_start_date, cloudtrail_end_date and"
            ~ " cloudtrail_excluded_files must let them through"
        ) }}
    {%- endif -%}
{% endmacro %}


{% macro athena__cloudtrail_check_source() %}
    {%- do cloudtrail_s3.cloudtrail_first_day() -%}
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
        {%- set loaded = run_query(
            "select log_file from "
            ~ cloudtrail_s3.cloudtrail_stored("fct_cloudtrail_loads")
            ~ " where " ~ cloudtrail_s3.cloudtrail_path_ends_with(
                "log_file", excluded
            ) ~ " limit 1"
        ).rows -%}
        {%- if loaded -%}
            {{ cloudtrail_s3.cloudtrail_stop(
                "cloudtrail_excluded_files names " ~ excluded
                ~ ", but these tables were built with "
                ~ loaded[0][0] ~ cloudtrail_s3.cloudtrail_ways_out()
            ) }}
        {%- endif -%}
    {%- endfor -%}
{% endmacro %}


{% macro cloudtrail_check_data_loss(settings) %}
    {#- Only what the same root held and today's settings still want. -#}
    {%- if not cloudtrail_s3.cloudtrail_var_boolean(
            "cloudtrail_allow_data_loss"
        )
        and cloudtrail_s3.cloudtrail_stored_settings().cloudtrail_root
            == settings.cloudtrail_root -%}
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
    {{ return([]) }}
{% endmacro %}
