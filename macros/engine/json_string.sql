{#- A text as a JSON string, with its quotes. -#}

{% macro cloudtrail_json_string(text) %}
    {{- return(adapter.dispatch(
        "cloudtrail_json_string", "cloudtrail_s3"
    )(text)) -}}
{% endmacro %}


{% macro duckdb__cloudtrail_json_string(text) -%}
    cast(to_json({{ text }}) as varchar)
{%- endmacro %}


{% macro athena__cloudtrail_json_string(text) -%}
    json_format(cast({{ text }} as json))
{%- endmacro %}
