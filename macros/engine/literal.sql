{% macro cloudtrail_literal(value) %}
    {#- Both engines read '' inside quotes as one quote and no escapes. -#}
    {{- "'" ~ (value | string).replace("'", "''") ~ "'" -}}
{% endmacro %}


{% macro cloudtrail_literals(values) %}
    {%- for value in values -%}
        {{- cloudtrail_s3.cloudtrail_literal(value) -}}
        {{- ", " if not loop.last -}}
    {%- endfor -%}
{% endmacro %}


{% macro cloudtrail_date_literals(values) %}
    {%- for value in values -%}
        date '{{ value }}'{{ ", " if not loop.last }}
    {%- endfor -%}
{% endmacro %}
