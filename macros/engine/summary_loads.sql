{#- What the summary says of the loads: files on DuckDB, log days on Athena. -#}

{% macro cloudtrail_summary_loads(loads) %}
    {{ return(adapter.dispatch(
        "cloudtrail_summary_loads", "cloudtrail_s3"
    )(loads)) }}
{% endmacro %}


{% macro duckdb__cloudtrail_summary_loads(loads) %}
    {%- set files = run_query(
        "select
            count(*) as files,
            count(case when status = 'loaded' then 1 end) as loaded,
            count(case when status = 'empty' then 1 end) as empty,
            count(case when status = 'ignored' then 1 end) as ignored
        from " ~ loads
    ).rows[0] -%}
    {{ return(
        cloudtrail_s3.cloudtrail_number(files["files"]) ~ " files ("
        ~ cloudtrail_s3.cloudtrail_number(files["loaded"]) ~ " loaded, "
        ~ cloudtrail_s3.cloudtrail_number(files["empty"]) ~ " empty, "
        ~ cloudtrail_s3.cloudtrail_number(files["ignored"])
        ~ " ignored)"
    ) }}
{% endmacro %}


{% macro athena__cloudtrail_summary_loads(loads) %}
    {%- set days = run_query(
        "select
            count(*) as days,
            cast(min(log_date) as varchar) as first_day,
            cast(max(log_date) as varchar) as last_day
        from " ~ loads
    ).rows[0] -%}
    {{ return(
        cloudtrail_s3.cloudtrail_number(days["days"]) ~ " log days ("
        ~ days["first_day"] ~ " to " ~ days["last_day"] ~ ")"
    ) }}
{% endmacro %}
