{#- Text of what paths lead to in a JSON text; only scalars have a text. -#}

{% macro cloudtrail_json_texts(column, paths) %}
    {{- return(adapter.dispatch(
        "cloudtrail_json_texts", "cloudtrail_s3"
    )(column, paths)) -}}
{% endmacro %}


{% macro duckdb__cloudtrail_json_texts(column, paths) %}
    {#- One call for all keys: each call parses the text again. -#}
    json_value({{ column }}, [
        {%- for path in paths %}
        '$.{{ path }}'{{ "," if not loop.last }}
        {%- endfor %}
    ])
{% endmacro %}


{% macro athena__cloudtrail_json_texts(column, paths) %}
    array[
        {%- for path in paths %}
        json_extract_scalar(
            {{ column }},
            '${{ modules.re.sub('[.]?("[^"]*")', "[\\1]", path) }}'
        )
        {{- "," if not loop.last }}
        {%- endfor %}
    ]
{% endmacro %}


{% macro cloudtrail_json_item(texts, position) %}
    {{- return(adapter.dispatch(
        "cloudtrail_json_item", "cloudtrail_s3"
    )(texts, position)) -}}
{% endmacro %}


{% macro duckdb__cloudtrail_json_item(texts, position) -%}
    nullif({{ texts }}[{{ position }}] ->> '$', '')
{%- endmacro %}


{% macro athena__cloudtrail_json_item(texts, position) -%}
    nullif({{ texts }}[{{ position }}], '')
{%- endmacro %}


{% macro cloudtrail_json_text(column, keys) -%}
    {%- set paths = [] -%}
    {%- for key in keys -%}
        {%- do paths.append('"' ~ key ~ '"') -%}
    {%- endfor -%}
    {%- set texts -%}
        ({{ cloudtrail_s3.cloudtrail_json_texts(column, paths) }})
    {%- endset -%}
    coalesce(
        {%- for key in keys %}
        {{ cloudtrail_s3.cloudtrail_json_item(texts, loop.index) }},
        {%- endfor %}
        null
    )
{%- endmacro %}
