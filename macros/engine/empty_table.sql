{% macro cloudtrail_empty_table(relation) %}
    {{- return(adapter.dispatch(
        "cloudtrail_empty_table", "cloudtrail_s3"
    )(relation)) -}}
{% endmacro %}


{% macro duckdb__cloudtrail_empty_table(relation) %}
    {%- do run_query("delete from " ~ relation) -%}
{% endmacro %}


{% macro athena__cloudtrail_empty_table(relation) %}
    {%- do adapter.drop_relation(relation) -%}
{% endmacro %}
