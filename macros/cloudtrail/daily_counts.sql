{#- The tables that count requests by event day: all of one shape. What a table
    counts by, and which requests, is the dictionary `daily` of its model:
    where, SQL that chooses requests; grain, columns and the SQL of each. -#}

{% macro cloudtrail_daily_config(daily) %}
    {%- set grain = daily["grain"] | list + ["event_date"] -%}
    {{ return({
        "materialized": "cloudtrail_incremental",
        "incremental_strategy": "cloudtrail_replace",
        "on_schema_change": "append_new_columns",
        "table_type": cloudtrail_s3.cloudtrail_table_type(),
        "partitioned_by": cloudtrail_s3.cloudtrail_partitioned_by(
            ["event_date"]
        ),
        "meta": {
            "cloudtrail_daily": daily,
            "cloudtrail_grain": grain,
            "cloudtrail_replaces": {
                "column": "event_date",
                "listed_in": "int_s3_changed_partitions",
            },
        },
    }) }}
{% endmacro %}


{% macro cloudtrail_changed_counts(requests, changed_partitions, daily) %}
    {%- set changed_days = cloudtrail_s3.cloudtrail_column_values(
        changed_partitions, "event_date"
    ) -%}
    {%- set is_in_scope = "true" -%}
    {%- if cloudtrail_s3.cloudtrail_keeps_rows() -%}
        {%- set is_in_scope = cloudtrail_s3.cloudtrail_days_predicate(
            "event_date", changed_days
        ) -%}
    {%- endif -%}
    {{ return(cloudtrail_s3.cloudtrail_daily_counts(
        requests, is_in_scope, daily
    )) }}
{% endmacro %}


{% macro cloudtrail_daily_counts(requests, condition, daily) %}
    with requests as (

        select * from {{ requests }}

    ),

    counted as (

        select
            {%- for column, expression in daily["grain"].items() %}
            {{ expression }}
            {{- "" if expression == column else " as " ~ column }},
            {%- endfor %}
            case when is_denied then 1 else 0 end as denied,
            bytes_in as counted_bytes_in,
            bytes_out as counted_bytes_out,
            event_at,
            event_date
        from requests
        where
            not is_companion
            and {{ condition }}
            and {{ daily["where"] }}

    )

    select
        {%- for column in daily["grain"] %}
        {{ column }},
        {%- endfor %}
        count(*) as request_count,
        cast(sum(denied) as bigint) as denied_count,
        {{ cloudtrail_s3.cloudtrail_byte_sum("counted_bytes_in") }}
            as bytes_in,
        {{ cloudtrail_s3.cloudtrail_byte_sum("counted_bytes_out") }}
            as bytes_out,
        min(event_at) as first_seen_at,
        max(event_at) as last_seen_at,
        event_date
    from counted
    group by
        {{ daily["grain"] | join(",\n        ") }},
        event_date
{% endmacro %}


{% macro cloudtrail_daily_models() %}
    {#- The names of all tables that count by day. -#}
    {%- set names = [] -%}
    {%- for node in (graph.nodes.values() if execute else [])
        if node.package_name == "cloudtrail_s3"
        and node.resource_type == "model"
        and node.config.meta.get("cloudtrail_daily") -%}
        {%- do names.append(node.name) -%}
    {%- endfor -%}
    {{ return(names | sort) }}
{% endmacro %}


{% macro cloudtrail_daily_of(relation) %}
    {#- What a stored table counts; all requests while dbt only parses. -#}
    {%- for name in cloudtrail_s3.cloudtrail_daily_models() -%}
        {%- set node = graph.nodes["model.cloudtrail_s3." ~ name] -%}
        {%- if node.alias == relation.identifier
            and node.schema == relation.schema -%}
            {{ return(node.config.meta.cloudtrail_daily) }}
        {%- endif -%}
    {%- endfor -%}
    {{ return({"where": "true", "grain": {}}) }}
{% endmacro %}
