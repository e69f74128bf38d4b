{#- What a run reads: decided by fct_cloudtrail_loads alone. -#}

{% macro cloudtrail_files_to_read() %}
    {{- return(adapter.dispatch(
        "cloudtrail_files_to_read", "cloudtrail_s3"
    )()) -}}
{% endmacro %}


{% macro duckdb__cloudtrail_files_to_read() %}
    {#- Listing is cheap: all files of every day that has a file which is not
        loaded yet. A file that changed may uncover a copy that lost against
        it, so the days with duplicates are read too. -#}
    with listing as (

        {{ cloudtrail_s3.cloudtrail_log_listing() }}

    )
    {%- if cloudtrail_s3.cloudtrail_reads_everything() %}

    select
        *,
        true as is_rebuild,
        {{ cloudtrail_s3.cloudtrail_run_started_at() }} as listed_at
    from listing
    {%- else %},

    loaded as (

        select
            log_file as log_path,
            size as loaded_size,
            modified_at as loaded_modified_at
        from {{ cloudtrail_s3.cloudtrail_stored("fct_cloudtrail_loads") }}

    ),

    compared as (

        select
            listing.*,
            loaded.log_path is null as is_new,
            listing.size != loaded.loaded_size
            or listing.modified_at != loaded.loaded_modified_at
                as is_changed
        from listing
        left join loaded on listing.log_path = loaded.log_path

    ),

    days as (

        select log_date from compared where is_new or is_changed
        union
        select log_date
        from {{ cloudtrail_s3.cloudtrail_stored("fct_cloudtrail_log_files") }}
        where
            duplicate_count > 0
            and exists (select 1 from compared where is_changed)

    )

    select
        listing.*,
        false as is_rebuild,
        {{ cloudtrail_s3.cloudtrail_run_started_at() }} as listed_at
    from listing
    where listing.log_date in (select days.log_date from days)
    {%- endif %}
{% endmacro %}


{% macro athena__cloudtrail_files_to_read() %}
    {#- Paid by bytes: the days from the last complete one, less the
        lookback. -#}
    {%- set start = cloudtrail_s3.cloudtrail_start_date() -%}
    {%- set first = namespace(day=start or "1970-01-01") -%}
    {%- set reads_everything = cloudtrail_s3.cloudtrail_reads_everything() -%}
    {%- if not reads_everything -%}
        {%- set last_complete = run_query(
            "select max(log_date) from "
            ~ cloudtrail_s3.cloudtrail_stored("fct_cloudtrail_loads")
            ~ " where loaded_at >= "
            ~ cloudtrail_s3.cloudtrail_day_complete_at("log_date")
        ).rows[0][0] -%}
        {%- if last_complete -%}
            {%- set lookback = modules.datetime.timedelta(
                days=cloudtrail_s3.cloudtrail_var_integer(
                    "cloudtrail_lookback_days"
                )
            ) -%}
            {%- set first.day = [
                first.day, (last_complete - lookback) | string
            ] | max -%}
        {%- endif -%}
    {%- endif %}
    select
        cast(null as varchar) as file_path,
        cast(null as varchar) as log_path,
        cast(null as varchar) as log_file,
        log_date,
        cast(null as bigint) as size,
        cast(null as timestamp) as modified_at,
        {{ reads_everything }} as is_rebuild,
        {{ cloudtrail_s3.cloudtrail_run_started_at() }} as listed_at
    from unnest(sequence(
        date '{{ first.day }}',
        date '{{ cloudtrail_s3.cloudtrail_today() }}',
        interval '1' day
    )) as days (log_date)
{% endmacro %}


{% macro cloudtrail_reads_everything() %}
    {{ return(
        not execute
        or flags.FULL_REFRESH
        or cloudtrail_s3.cloudtrail_has_nothing_stored()
    ) }}
{% endmacro %}


{% macro cloudtrail_run_started_at() -%}
    timestamp '{{ run_started_at.strftime("%Y-%m-%d %H:%M:%S") }}'
{%- endmacro %}
