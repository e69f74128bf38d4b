{#- Regular expressions; null where nothing is found, on both engines. -#}

{% macro cloudtrail_regexp_extract(text, pattern, group=1) %}
    {{- return(adapter.dispatch(
        "cloudtrail_regexp_extract", "cloudtrail_s3"
    )(text, pattern, group)) -}}
{% endmacro %}


{% macro duckdb__cloudtrail_regexp_extract(text, pattern, group) -%}
    nullif(regexp_extract({{ text }}, '{{ pattern }}', {{ group }}), '')
{%- endmacro %}


{% macro athena__cloudtrail_regexp_extract(text, pattern, group) -%}
    nullif(regexp_extract({{ text }}, '{{ pattern }}', {{ group }}), '')
{%- endmacro %}


{% macro cloudtrail_regexp_like(text, pattern) %}
    {{- return(adapter.dispatch(
        "cloudtrail_regexp_like", "cloudtrail_s3"
    )(text, pattern)) -}}
{% endmacro %}


{% macro duckdb__cloudtrail_regexp_like(text, pattern) -%}
    regexp_matches({{ text }}, '{{ pattern }}')
{%- endmacro %}


{% macro athena__cloudtrail_regexp_like(text, pattern) -%}
    regexp_like({{ text }}, '{{ pattern }}')
{%- endmacro %}


{% macro cloudtrail_regexp_replace(text, pattern, pieces) %}
    {#- pieces: the replacement; a piece of one digit is that group. -#}
    {{- return(adapter.dispatch(
        "cloudtrail_regexp_replace", "cloudtrail_s3"
    )(text, pattern, pieces)) -}}
{% endmacro %}


{% macro duckdb__cloudtrail_regexp_replace(text, pattern, pieces) -%}
    regexp_replace({{ text }}, '{{ pattern }}', '
    {%- for piece in pieces -%}
        {{ ("\\" if piece in "123456789") ~ piece }}
    {%- endfor -%}
    ')
{%- endmacro %}


{% macro athena__cloudtrail_regexp_replace(text, pattern, pieces) -%}
    regexp_replace({{ text }}, '{{ pattern }}', '
    {%- for piece in pieces -%}
        {{ ("$" if piece in "123456789") ~ piece }}
    {%- endfor -%}
    ')
{%- endmacro %}
