{#- Regular expressions; null where nothing is found, on both engines. What
    must end with the text ends in \z: on Athena $ stands before a last line
    break too. -#}

{% macro cloudtrail_regexp_extract(text, pattern) -%}
    nullif(regexp_extract({{ text }}, '{{ pattern }}', 1), '')
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
