{#- How the tables are stored: the config values that differ by engine. -#}

{% macro cloudtrail_batch_materialization() %}
    {{- return(adapter.dispatch(
        "cloudtrail_batch_materialization", "cloudtrail_s3"
    )()) -}}
{% endmacro %}


{% macro duckdb__cloudtrail_batch_materialization() %}
    {#- Parsing twice is cheaper than a stored copy. -#}
    {{- return("view") -}}
{% endmacro %}


{% macro athena__cloudtrail_batch_materialization() %}
    {#- Raw bytes are paid for once; the rest reads this table. -#}
    {{- return("table") -}}
{% endmacro %}


{% macro cloudtrail_incremental_strategy(has_key=true) %}
    {{- return(adapter.dispatch(
        "cloudtrail_incremental_strategy", "cloudtrail_s3"
    )(has_key)) -}}
{% endmacro %}


{% macro duckdb__cloudtrail_incremental_strategy(has_key) %}
    {{- return("cloudtrail_replace") -}}
{% endmacro %}


{% macro athena__cloudtrail_incremental_strategy(has_key) %}
    {#- Without a key there is nothing to merge by: the run deletes first. -#}
    {%- if cloudtrail_s3.cloudtrail_fact_table_type() == "hive" -%}
        {{- return("insert_overwrite") -}}
    {%- endif -%}
    {{- return("merge" if has_key else "append") -}}
{% endmacro %}


{% macro cloudtrail_partitioned_by(columns) %}
    {{- return(adapter.dispatch(
        "cloudtrail_partitioned_by", "cloudtrail_s3"
    )(columns)) -}}
{% endmacro %}


{% macro duckdb__cloudtrail_partitioned_by(columns) %}
    {{- return(none) -}}
{% endmacro %}


{% macro athena__cloudtrail_partitioned_by(columns) %}
    {{- return(columns) -}}
{% endmacro %}


{% macro cloudtrail_table_type() %}
    {{- return(adapter.dispatch(
        "cloudtrail_table_type", "cloudtrail_s3"
    )()) -}}
{% endmacro %}


{% macro duckdb__cloudtrail_table_type() %}
    {{- return(none) -}}
{% endmacro %}


{% macro athena__cloudtrail_table_type() %}
    {{- return(cloudtrail_s3.cloudtrail_fact_table_type()) -}}
{% endmacro %}


{% macro cloudtrail_fact_table_type() %}
    {%- set table_type = var("cloudtrail_table_type") | string -%}
    {%- if table_type not in ["hive", "iceberg"] -%}
        {{ cloudtrail_s3.cloudtrail_stop(
            "cloudtrail_table_type: " ~ table_type ~ " is no table type;"
            ~ " use hive or iceberg"
        ) }}
    {%- endif -%}
    {{ return(table_type) }}
{% endmacro %}


{% macro cloudtrail_load_key() %}
    {{- return(adapter.dispatch("cloudtrail_load_key", "cloudtrail_s3")()) -}}
{% endmacro %}


{% macro duckdb__cloudtrail_load_key() %}
    {{- return("log_file") -}}
{% endmacro %}


{% macro athena__cloudtrail_load_key() %}
    {{- return("log_date") -}}
{% endmacro %}


{% macro cloudtrail_source_partitions() %}
    {#- Columns of the raw table by which Athena prunes. -#}
    {{- return(adapter.dispatch(
        "cloudtrail_source_partitions", "cloudtrail_s3"
    )()) -}}
{% endmacro %}


{% macro duckdb__cloudtrail_source_partitions() %}
    {{- return([]) -}}
{% endmacro %}


{% macro athena__cloudtrail_source_partitions() %}
    {{- return(cloudtrail_s3.cloudtrail_partition_columns(
        var("cloudtrail_layout")
    )) -}}
{% endmacro %}
