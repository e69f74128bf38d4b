{#- Athena's DDL is Hive's: backticks around names, backslashes in text. -#}

{% macro cloudtrail_hive_name(variable, name) %}
    {%- set text = name | string -%}
    {%- if not modules.re.fullmatch("[a-z0-9_][a-z0-9_-]{0,254}", text) -%}
        {{ cloudtrail_s3.cloudtrail_stop(
            variable ~ ": " ~ text ~ " is no name for Athena; use lower-case"
            ~ " letters, digits, _ and -"
        ) }}
    {%- endif -%}
    {{ return("`" ~ text ~ "`") }}
{% endmacro %}


{% macro cloudtrail_hive_string(text) %}
    {{ return(
        "'" ~ text.replace("\\", "\\\\").replace("'", "\\'") ~ "'"
    ) }}
{% endmacro %}
