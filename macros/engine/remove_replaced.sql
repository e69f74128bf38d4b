{#- What a run replaces without a new row in its place. DuckDB's strategy
    removes it with everything else; dbt-athena's only replace the partitions
    or keys that occur in the new rows. Hooks of the models. -#}

{% macro cloudtrail_remove_replaced_requests() %}
    {{- return(adapter.dispatch(
        "cloudtrail_remove_replaced_requests", "cloudtrail_s3"
    )()) -}}
{% endmacro %}


{% macro duckdb__cloudtrail_remove_replaced_requests() %}
    {{- return("") -}}
{% endmacro %}


{% macro athena__cloudtrail_remove_replaced_requests() %}
    {%- if cloudtrail_s3.cloudtrail_is_rebuild() -%}
        {{ return("") }}
    {%- endif -%}
    {%- set changed = cloudtrail_s3.cloudtrail_stored(
        "int_s3_changed_partitions"
    ) -%}
    {%- if cloudtrail_s3.cloudtrail_fact_table_type() == "hive" -%}
        {%- do cloudtrail_s3.cloudtrail_remove_partitions(this, run_query(
            "select event_date, log_date from " ~ changed
            ~ " where is_emptied order by 1, 2"
        )) -%}
        {{ return("") }}
    {%- endif -%}
    {#- Iceberg: a file that was read has the rows of the batch and no others.
        A literal range prunes. -#}
    {%- set batch = cloudtrail_s3.cloudtrail_stored("int_s3_batch") -%}
    {%- set file_days = cloudtrail_s3.cloudtrail_stored(
        "int_cloudtrail_file_days"
    ) -%}
    {{ return(
        "delete from " ~ this ~ " where "
        ~ cloudtrail_s3.cloudtrail_days_predicate(
            "event_date",
            cloudtrail_s3.cloudtrail_column_values(changed, "event_date")
        )
        ~ " and log_file in (select log_file from " ~ file_days ~ ")"
        ~ " and not exists (select 1 from " ~ batch
        ~ " as batch where batch.request_key = " ~ this.identifier
        ~ ".request_key and batch.event_date = " ~ this.identifier
        ~ ".event_date)"
    ) }}
{% endmacro %}


{% macro cloudtrail_remove_activity_before() %}
    {{- return(adapter.dispatch(
        "cloudtrail_remove_activity_before", "cloudtrail_s3"
    )()) -}}
{% endmacro %}


{% macro duckdb__cloudtrail_remove_activity_before() %}
    {{- return("") -}}
{% endmacro %}


{% macro athena__cloudtrail_remove_activity_before() %}
    {#- Iceberg: the changed days, before their rows are appended. -#}
    {%- if cloudtrail_s3.cloudtrail_fact_table_type() == "hive"
        or not cloudtrail_s3.cloudtrail_keeps_rows() -%}
        {{ return("") }}
    {%- endif -%}
    {{ return(
        "delete from " ~ this ~ " where "
        ~ cloudtrail_s3.cloudtrail_days_predicate(
            "event_date",
            cloudtrail_s3.cloudtrail_column_values(
                cloudtrail_s3.cloudtrail_stored("int_s3_changed_partitions"),
                "event_date"
            )
        )
    ) }}
{% endmacro %}


{% macro cloudtrail_remove_activity_after() %}
    {{- return(adapter.dispatch(
        "cloudtrail_remove_activity_after", "cloudtrail_s3"
    )()) -}}
{% endmacro %}


{% macro duckdb__cloudtrail_remove_activity_after() %}
    {{- return("") -}}
{% endmacro %}


{% macro athena__cloudtrail_remove_activity_after() %}
    {#- Hive: the changed days that have no request any more. -#}
    {%- if cloudtrail_s3.cloudtrail_fact_table_type() == "hive"
        and not cloudtrail_s3.cloudtrail_is_rebuild() -%}
        {%- set changed = cloudtrail_s3.cloudtrail_stored(
            "int_s3_changed_partitions"
        ) -%}
        {%- do cloudtrail_s3.cloudtrail_remove_partitions(this, run_query(
            "select distinct event_date from " ~ changed
            ~ " where event_date not in (select event_date from "
            ~ cloudtrail_s3.cloudtrail_stored("fct_s3_requests")
            ~ " where not is_companion and "
            ~ cloudtrail_s3.cloudtrail_days_predicate(
                "event_date",
                cloudtrail_s3.cloudtrail_column_values(changed, "event_date")
            ) ~ ") order by 1"
        )) -%}
    {%- endif -%}
    {{ return("") }}
{% endmacro %}


{% macro cloudtrail_remove_partitions(relation, partitions) %}
    {#- Deletes the partitions of a Hive table that a query's rows name. -#}
    {%- set conditions = [] -%}
    {%- for row in partitions.rows -%}
        {%- set terms = [] -%}
        {%- for column in partitions.column_names -%}
            {%- do terms.append(column ~ "='" ~ row[column] ~ "'") -%}
        {%- endfor -%}
        {%- do conditions.append(terms | join(" and ")) -%}
    {%- endfor -%}
    {%- if conditions -%}
        {%- do adapter.clean_up_partitions(relation, conditions) -%}
    {%- endif -%}
{% endmacro %}
