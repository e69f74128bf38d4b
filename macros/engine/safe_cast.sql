{#- dbt's own name: the cast of a unit test's values. dbt-athena's cannot cast
    to a structure, whose type it hands on as Hive spells it. -#}

{% macro athena__safe_cast(field, type) -%}
    {%- if not modules.re.match("(struct|array|map)[<(]", type) -%}
        try_cast({{ field }} as {{ type }})
    {%- else -%}
        {%- set type = dml_data_type(
            modules.re.sub("([^<>(),: ]+):", '"\\1" ', type)
            .replace("struct<", "row(").replace("<", "(").replace(">", ")")
        ) -%}
        {#- A text is JSON; dbt also casts null. -#}
        {%- if field.startswith("'") -%}
            cast(json_parse({{ field }}) as {{ type }})
        {%- else -%}
            try_cast({{ field }} as {{ type }})
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}
