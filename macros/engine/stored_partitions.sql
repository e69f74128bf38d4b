{#- The partitions of fct_s3_requests that the rows stored so far make the run
    change. DuckDB deletes rows; Athena's Hive tables are written a partition
    at a time, so that it has to be known which rows stay in one. -#}

{% macro cloudtrail_stored_partitions(requests, days, file_days, batch) %}
    {{- return(adapter.dispatch(
        "cloudtrail_stored_partitions", "cloudtrail_s3"
    )(requests, days, file_days, batch)) -}}
{% endmacro %}


{% macro duckdb__cloudtrail_stored_partitions(
    requests, days, file_days, batch
) %}
    select distinct
        event_date,
        log_date,
        false as is_carried,
        false as is_emptied
    from {{ requests }}
    where {{ cloudtrail_s3.cloudtrail_days_predicate("log_date", days) }}
{% endmacro %}


{% macro athena__cloudtrail_stored_partitions(
    requests, days, file_days, batch
) %}
    {#- Narrow columns of the event days concerned. Two reads, because only a
        predicate on one column prunes everywhere. -#}
    {%- set in_event_days = cloudtrail_s3.cloudtrail_days_predicate(
        "event_date",
        cloudtrail_s3.cloudtrail_column_values(file_days, "event_date")
    ) -%}
    {%- set in_days = cloudtrail_s3.cloudtrail_days_predicate(
        "log_date", days
    ) -%}
    {%- set copy_columns = cloudtrail_s3.cloudtrail_copy_columns() %}
    with stored as (

        {%- for predicate in [
            in_event_days, in_days ~ " and not (" ~ in_event_days ~ ")"
        ] %}
        select
            {{ copy_columns | join(",\n            ") }},
            log_file in (select log_file from {{ file_days }}) as is_replaced
        from {{ requests }}
        where {{ predicate }}
        {{ "union all" if not loop.last }}
        {%- endfor %}

    ),

    winners as (

        {{ cloudtrail_s3.cloudtrail_winning_copies(
            batch, copy_columns
        ) | indent(4) }}

    ),

    met as (

        select
            winners.event_date as new_event_date,
            winners.log_date as new_log_date,
            stored.event_date,
            stored.log_date,
            stored.is_replaced,
            winners.request_key is not null
            and (
                coalesce(stored.is_replaced, true)
                or {{ cloudtrail_s3.cloudtrail_copy_wins("winners", "stored") }}
            ) as is_new
        from winners
        full outer join stored
            on
                winners.request_key = stored.request_key
                and winners.event_date = stored.event_date

    ),

    marked as (

        select
            event_date,
            log_date,
            not is_replaced and not is_new as is_kept,
            is_replaced or is_new as is_changed,
            false as is_new
        from met
        where event_date is not null
        union all
        select
            new_event_date,
            new_log_date,
            false as is_kept,
            true as is_changed,
            true as is_new
        from met
        where is_new

    )

    select
        event_date,
        log_date,
        bool_or(is_kept) as is_carried,
        not bool_or(is_kept) and not bool_or(is_new) as is_emptied
    from marked
    group by 1, 2
    having bool_or(is_changed)
{% endmacro %}


{% macro cloudtrail_carried_partitions(changed_partitions) %}
    {#- The predicate of the partitions that are written anew with rows that
        stay in them. -#}
    {{- return(adapter.dispatch(
        "cloudtrail_carried_partitions", "cloudtrail_s3"
    )(changed_partitions)) -}}
{% endmacro %}


{% macro duckdb__cloudtrail_carried_partitions(changed_partitions) %}
    {{- return("false") -}}
{% endmacro %}


{% macro athena__cloudtrail_carried_partitions(changed_partitions) %}
    {%- if not cloudtrail_s3.cloudtrail_is_running()
        or cloudtrail_s3.cloudtrail_fact_table_type() == "iceberg" -%}
        {{ return("false") }}
    {%- endif -%}
    {{ return(cloudtrail_s3.cloudtrail_partitions_predicate(run_query(
        "select event_date, log_date from " ~ changed_partitions
        ~ " where is_carried order by 1, 2"
    ).rows)) }}
{% endmacro %}


{% macro cloudtrail_partitions_predicate(partitions) %}
    {#- A list of days for each column, which prunes, then the pairs. -#}
    {%- if not partitions -%}
        {{ return("false") }}
    {%- endif -%}
    {{ return(
        "this.event_date in (" ~ cloudtrail_s3.cloudtrail_date_literals(
            partitions | map(attribute=0) | unique
        ) ~ ") and this.log_date in ("
        ~ cloudtrail_s3.cloudtrail_date_literals(
            partitions | map(attribute=1) | unique
        ) ~ ") and (this.event_date, this.log_date) in ("
        ~ cloudtrail_s3.cloudtrail_partition_literals(partitions) ~ ")"
    ) }}
{% endmacro %}


{% macro cloudtrail_partition_literals(partitions) %}
    {%- set pairs = [] -%}
    {%- for event_date, log_date in partitions -%}
        {%- do pairs.append(
            "(date '" ~ event_date ~ "', date '" ~ log_date ~ "')"
        ) -%}
    {%- endfor -%}
    {{ return(pairs | join(", ")) }}
{% endmacro %}
