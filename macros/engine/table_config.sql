{#- How the tables are stored: the config values that differ by engine. -#}

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


{% macro cloudtrail_check_table_type() %}
    {{- return(adapter.dispatch(
        "cloudtrail_check_table_type", "cloudtrail_s3"
    )()) -}}
{% endmacro %}


{% macro duckdb__cloudtrail_check_table_type() %}
    {#- The variable is read on Athena only, and checked everywhere. -#}
    {%- do cloudtrail_s3.cloudtrail_fact_table_type() -%}
{% endmacro %}


{% macro athena__cloudtrail_check_table_type() %}
    {#- Rows come into tables of the other type, and leave them, in another
        way. -#}
    {%- set table_type = cloudtrail_s3.cloudtrail_fact_table_type() -%}
    {%- for name in cloudtrail_s3.cloudtrail_remembering_models() -%}
        {%- set stored = cloudtrail_s3.cloudtrail_stored(name) -%}
        {%- set stored_type = "iceberg"
            if stored is not none
            and stored.detailed_table_type | lower == "iceberg"
            else "hive" -%}
        {%- if stored is not none and stored_type != table_type -%}
            {{ cloudtrail_s3.cloudtrail_stop(
                name ~ " is of the type " ~ stored_type ~ ", and"
                ~ " cloudtrail_table_type is " ~ table_type ~ "; set it to "
                ~ stored_type ~ ", or build tables of the other type in"
                ~ " another " ~ cloudtrail_s3.cloudtrail_other_place()
            ) }}
        {%- endif -%}
    {%- endfor -%}
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


{% macro cloudtrail_writes_all_loads() %}
    {#- A row a log day is too little for a partition: a Hive table without
        any is written whole. -#}
    {{- return(adapter.dispatch(
        "cloudtrail_writes_all_loads", "cloudtrail_s3"
    )()) -}}
{% endmacro %}


{% macro duckdb__cloudtrail_writes_all_loads() %}
    {{- return(false) -}}
{% endmacro %}


{% macro athena__cloudtrail_writes_all_loads() %}
    {{- return(
        cloudtrail_s3.cloudtrail_fact_table_type() == "hive"
        and cloudtrail_s3.cloudtrail_keeps_rows()
    ) -}}
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
