{% macro cloudtrail_empty_table(relation) %}
    {{- return(adapter.dispatch(
        "cloudtrail_empty_table", "cloudtrail_s3"
    )(relation)) -}}
{% endmacro %}


{% macro duckdb__cloudtrail_empty_table(relation) %}
    {%- do run_query("delete from " ~ relation) -%}
{% endmacro %}


{% macro athena__cloudtrail_empty_table(relation) %}
    {#- Of a Hive table without partitions the files; it stays. -#}
    {%- if cloudtrail_s3.cloudtrail_fact_table_type() == "hive" -%}
        {%- do adapter.clean_up_table(relation) -%}
    {%- else -%}
        {%- do run_query("delete from " ~ relation) -%}
    {%- endif -%}
{% endmacro %}
