{#- What a run reads: decided by fct_cloudtrail_loads alone. -#}

{% macro cloudtrail_files_to_read() %}
    {{- return(adapter.dispatch(
        "cloudtrail_files_to_read", "cloudtrail_s3"
    )()) -}}
{% endmacro %}


{% macro duckdb__cloudtrail_files_to_read() %}
    {#- Listing is cheap: all files of every day that has a file which is not
        loaded yet. A file that changed may uncover a copy that lost against
        it, so the days with duplicates are read too; and after a run that
        stopped midway, those of all files with events of the days that it
        changed. A backfill reads these as well: no later run would know of
        them. -#}
    {%- set start, end = cloudtrail_s3.cloudtrail_backfill_range() -%}
    {%- set reads_everything = cloudtrail_s3.cloudtrail_reads_everything() -%}
    {%- set in_range = "true" if not start else
        "log_date between date '" ~ start ~ "' and date '" ~ end ~ "'" -%}
    {%- if start and reads_everything -%}
        {%- do cloudtrail_s3.cloudtrail_check_range_keeps(start, end) -%}
    {%- endif -%}
    {%- if start and cloudtrail_s3.cloudtrail_is_running()
        and reads_everything
        and not run_query(
            "select 1 from (" ~ cloudtrail_s3.cloudtrail_log_listing()
            ~ ") as listing where " ~ in_range ~ " limit 1"
        ).rows -%}
        {{ cloudtrail_s3.cloudtrail_stop(
            "cloudtrail_root " ~ cloudtrail_s3.cloudtrail_root()
            ~ " holds no log file of the days " ~ start ~ " to " ~ end
            ~ ", and nothing is loaded yet; begin with days that have some"
        ) }}
    {%- endif -%}
    {%- set unfinished = [] if reads_everything else
        cloudtrail_s3.cloudtrail_unfinished_partitions() -%}
    {%- set unfinished_days = unfinished | map(attribute=0) | list -%}
    {%- if not reads_everything -%}
        {%- do cloudtrail_s3.cloudtrail_check_end(unfinished) -%}
    {%- endif %}
    with listing as (

        {{ cloudtrail_s3.cloudtrail_log_listing() }}

    )
    {%- if reads_everything %}

    select
        *,
        true as is_rebuild,
        {{ cloudtrail_s3.cloudtrail_run_started_at() }} as listed_at
    from listing
    where {{ in_range }}
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

        select log_date
        from compared
        where (is_new or is_changed) and {{ in_range }}
        union
        select log_date
        from {{ cloudtrail_s3.cloudtrail_stored("fct_cloudtrail_log_files") }}
        where
            duplicate_count > 0
            and exists (
                select 1 from compared where is_changed and {{ in_range }}
            )
        {%- if unfinished_days %}
        union
        select log_date
        from {{ cloudtrail_s3.cloudtrail_stored("fct_cloudtrail_log_files") }}
        where {{ cloudtrail_s3.cloudtrail_has_events_of(unfinished_days) }}
        {%- endif %}

    )

    select
        listing.*,
        false as is_rebuild,
        {{ cloudtrail_s3.cloudtrail_run_started_at() }} as listed_at
    from listing
    where listing.log_date in (select days.log_date from days)
    {%- endif %}
{% endmacro %}


{% macro cloudtrail_check_end(unfinished) %}
    {#- What has to be read again must not lie behind the end: no later run
        would look for it. -#}
    {%- set end = cloudtrail_s3.cloudtrail_var_date("cloudtrail_end_date") -%}
    {%- if not end or not cloudtrail_s3.cloudtrail_is_running() -%}
        {{ return("") }}
    {%- endif -%}
    {%- set behind = "select max(log_date) from "
        ~ cloudtrail_s3.cloudtrail_stored("fct_cloudtrail_log_files")
        ~ " where log_date > date '" ~ end ~ "' and " -%}
    {%- if unfinished -%}
        {%- set last = (unfinished | map(attribute=1) | list + run_query(
            behind ~ cloudtrail_s3.cloudtrail_has_events_of(
                unfinished | map(attribute=0) | list
            )
        ).columns[0].values() | select | list) | map("string") | max -%}
        {%- if last > end -%}
            {{ cloudtrail_s3.cloudtrail_stop_at_end(
                end, last, "a run stopped midway"
            ) }}
        {%- endif -%}
    {%- endif -%}
    {%- set last = run_query(behind ~ "duplicate_count > 0").rows[0][0] -%}
    {%- if last -%}
        {%- set changed = run_query(
            "select listing.log_path from ("
            ~ cloudtrail_s3.cloudtrail_log_listing()
            ~ ") as listing inner join "
            ~ cloudtrail_s3.cloudtrail_stored("fct_cloudtrail_loads")
            ~ " as loaded on listing.log_path = loaded.log_file"
            ~ " where listing.size != loaded.size"
            ~ " or listing.modified_at != loaded.modified_at limit 1"
        ).rows -%}
        {%- if changed -%}
            {{ cloudtrail_s3.cloudtrail_stop_at_end(
                end, last, changed[0][0] ~ " changed after it was loaded"
            ) }}
        {%- endif -%}
    {%- endif -%}
{% endmacro %}


{% macro cloudtrail_stop_at_end(end, last, reason) %}
    {{ cloudtrail_s3.cloudtrail_stop(
        "cloudtrail_end_date " ~ end ~ " leaves out log days up to " ~ last
        ~ " that have to be read again, because " ~ reason
        ~ "; set it to " ~ last ~ " or later, or leave it empty"
    ) }}
{% endmacro %}


{% macro athena__cloudtrail_files_to_read() %}
    {#- Paid by bytes: the days from the last complete one, less the
        lookback; in a backfill its days. -#}
    {%- set start, end = cloudtrail_s3.cloudtrail_backfill_range() -%}
    {%- set wanted = cloudtrail_s3.cloudtrail_first_wanted_day()
        or "1970-01-01" -%}
    {%- set first = namespace(day=start or wanted) -%}
    {%- set last = end or cloudtrail_s3.cloudtrail_today() -%}
    {%- set reads_everything = cloudtrail_s3.cloudtrail_reads_everything() -%}
    {%- if reads_everything and start -%}
        {%- do cloudtrail_s3.cloudtrail_check_range_keeps(start, end) -%}
    {%- elif reads_everything -%}
        {%- do cloudtrail_s3.cloudtrail_tell_long_load(first.day, last) -%}
    {%- else -%}
        {%- if not start -%}
            {%- set complete = cloudtrail_s3.cloudtrail_complete_days() -%}
            {%- if complete -%}
                {%- set first.day = [
                    wanted,
                    cloudtrail_s3.cloudtrail_add_days(
                        complete[-1],
                        -cloudtrail_s3.cloudtrail_var_integer(
                            "cloudtrail_lookback_days"
                        )
                    ),
                ] | max -%}
            {%- endif -%}
            {%- do cloudtrail_s3.cloudtrail_warn_of_gaps(
                wanted, first.day, complete
            ) -%}
            {%- do cloudtrail_s3.cloudtrail_check_included_again(
                first.day
            ) -%}
        {%- endif -%}
        {%- do cloudtrail_s3.cloudtrail_check_unfinished(
            first.day, last
        ) -%}
    {%- endif -%}
    {%- do cloudtrail_s3.cloudtrail_check_partitions(first.day, last) %}
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
        date '{{ last }}',
        interval '1' day
    )) as days (log_date)
{% endmacro %}


{% macro cloudtrail_check_range_keeps(start, end) %}
    {#- A backfill that begins a first load keeps its own days alone; so would
        one after a rebuild that has not ended. -#}
    {%- set requests = cloudtrail_s3.cloudtrail_stored("fct_s3_requests")
        if cloudtrail_s3.cloudtrail_is_running() else none -%}
    {%- if requests is not none -%}
        {%- set others = run_query(
            "select log_date from " ~ requests ~ " where log_date not between "
            ~ "date '" ~ start ~ "' and date '" ~ end ~ "' limit 1"
        ).rows -%}
        {%- if others -%}
            {{ cloudtrail_s3.cloudtrail_stop(
                "a rebuild has not ended, so a backfill of the log days "
                ~ start ~ " to " ~ end ~ " would lose the others, as "
                ~ others[0][0] ~ "; run dbt build without"
                ~ " cloudtrail_backfill_start and cloudtrail_backfill_end"
                ~ " first"
            ) }}
        {%- endif -%}
    {%- endif -%}
{% endmacro %}


{% macro cloudtrail_check_unfinished(start, end) %}
    {#- Athena: what a run that stopped midway has changed is mended by reading
        the same days, and no later run would know of it. A rebuild that has
        changed something leaves another one to do. -#}
    {%- if cloudtrail_s3.cloudtrail_is_running()
        and cloudtrail_s3.cloudtrail_unfinished_partitions() -%}
        {%- set days = run_query(
            "select cast(min(log_date) as varchar)"
            ~ ", cast(max(log_date) as varchar) from "
            ~ cloudtrail_s3.cloudtrail_stored("int_cloudtrail_files_read")
            ~ " where log_date >= date '"
            ~ (cloudtrail_s3.cloudtrail_first_wanted_day() or "1970-01-01")
            ~ "' and not is_rebuild"
            ~ " and listed_at > (select max(loaded_at) from "
            ~ cloudtrail_s3.cloudtrail_stored("fct_cloudtrail_loads") ~ ")"
        ).rows[0] -%}
        {%- if days[0] and (days[0] < start or days[1] > end) -%}
            {{ cloudtrail_s3.cloudtrail_stop(
                "a run of the log days " ~ days[0] ~ " to " ~ days[1]
                ~ " stopped midway, and this one reads " ~ start ~ " to "
                ~ end ~ "; run dbt build with cloudtrail_backfill_start "
                ~ days[0] ~ " and cloudtrail_backfill_end " ~ days[1]
                ~ " first"
            ) }}
        {%- endif -%}
    {%- endif -%}
{% endmacro %}


{% macro cloudtrail_check_included_again(start) %}
    {#- Athena: a file that is no longer left out came with a day that is not
        read again by itself. -#}
    {%- if not cloudtrail_s3.cloudtrail_is_running() -%}
        {{ return("") }}
    {%- endif -%}
    {%- set loads = cloudtrail_s3.cloudtrail_stored("fct_cloudtrail_loads") -%}
    {%- set left_out = cloudtrail_s3.cloudtrail_var_list(
        "cloudtrail_excluded_files"
    ) -%}
    {%- for settings in run_query(
        "select distinct settings from " ~ loads
        ~ " where log_date < date '" ~ start ~ "' order by 1"
    ).columns[0].values() -%}
        {%- for file in fromjson(settings).cloudtrail_excluded_files
            if file not in left_out -%}
            {%- set days = run_query(
                "select log_date from " ~ loads ~ " where log_date < date '"
                ~ start ~ "' and log_date = "
                ~ cloudtrail_s3.cloudtrail_log_date(
                    cloudtrail_s3.cloudtrail_literal(file)
                ) ~ " and settings = "
                ~ cloudtrail_s3.cloudtrail_literal(settings)
            ).columns[0].values() -%}
            {%- for day in days -%}
                {{ cloudtrail_s3.cloudtrail_stop(
                    "cloudtrail_excluded_files no longer names " ~ file
                    ~ ", and this run begins after its log day " ~ day
                    ~ "; run dbt build with cloudtrail_backfill_start " ~ day
                    ~ " and cloudtrail_backfill_end " ~ day ~ " first"
                ) }}
            {%- endfor -%}
        {%- endfor -%}
    {%- endfor -%}
{% endmacro %}


{% macro cloudtrail_check_partitions(start, end) %}
    {#- A day without its partition would be zero rows without a word. -#}
    {%- if cloudtrail_s3.cloudtrail_is_running()
        and cloudtrail_s3.cloudtrail_layout() == "partitioned" -%}
        {#- Refuses names that are none. -#}
        {%- do cloudtrail_s3.cloudtrail_source_table() -%}
        {%- set table = cloudtrail_s3.cloudtrail_raw_table() -%}
        {%- set added = run_query(
            "select distinct year || '-' || month || '-' || day from "
            ~ table.incorporate(
                path={"identifier": table.identifier ~ "$partitions"}
            )
        ).columns[0].values() | list -%}
        {%- set missing = cloudtrail_s3.cloudtrail_missing_days(
            start, end, added
        ) -%}
        {%- if missing -%}
            {{ cloudtrail_s3.cloudtrail_stop(
                "the table " ~ cloudtrail_s3.cloudtrail_source_table()
                ~ " has no partition for " ~ missing | length ~ " of the days "
                ~ start ~ " to " ~ end ~ " (" ~ missing[:3] | join(", ")
                ~ (", ..." if missing | length > 3 else "")
                ~ "); add them with dbt run-operation"
                ~ " cloudtrail_add_partitions"
            ) }}
        {%- endif -%}
    {%- endif -%}
{% endmacro %}


{% macro cloudtrail_reads_everything() %}
    {{ return(
        not execute
        or flags.FULL_REFRESH
        or cloudtrail_s3.cloudtrail_has_nothing_stored()
    ) }}
{% endmacro %}


{% macro cloudtrail_run_started_at() -%}
    cast('{{ run_started_at.strftime("%Y-%m-%d %H:%M:%S") }}' as timestamp)
{%- endmacro %}
