{% macro cloudtrail_stop(sentence) %}
    {#- While dbt only parses there is nothing to stop yet. -#}
    {%- if execute -%}
        {{ exceptions.raise_compiler_error("cloudtrail_s3: " ~ sentence) }}
    {%- endif -%}
{% endmacro %}
