{% macro cloudtrail_text_hash(texts) -%}
    {#- Each text comes after its length, so that no two lists of texts are the
        same to the hash, whatever characters somebody puts into them. -#}
    {%- set parts = [] -%}
    {%- for text in texts -%}
        {%- do parts.append(
            "coalesce(cast(length(" ~ text ~ ") as varchar) || ':' || "
            ~ text ~ ", '-')"
        ) -%}
    {%- endfor -%}
    {{ dbt.hash(parts | join(" || ")) }}
{%- endmacro %}
