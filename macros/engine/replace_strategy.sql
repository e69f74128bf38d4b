{#- DuckDB's incremental strategy "cloudtrail_replace": a run removes every
    row of what it replaces itself, also where it now yields none, and the
    rows whose key it writes again; all in one transaction.
    What a model replaces beside its keys stands in its config:
    meta.cloudtrail_replaces = {"column": ..., "listed_in": <a model>}. -#}

{% macro get_incremental_cloudtrail_replace_sql(arg_dict) %}
    {%- set target = arg_dict["target_relation"] -%}
    {%- set new_rows = arg_dict["temp_relation"] -%}
    {%- set columns = arg_dict["dest_columns"] | map(attribute="quoted")
        | join(", ") -%}
    {%- set keys = arg_dict["unique_key"] or [] -%}
    {%- set keys = [keys] if keys is string else keys -%}
    {%- set replaces = config.get("meta", {}).get("cloudtrail_replaces") -%}

    {%- if cloudtrail_s3.cloudtrail_is_rebuild() %}
    delete from {{ target }};
    {%- else %}
    {%- if replaces %}
    delete from {{ target }}
    where {{ replaces.column }} in (
        select {{ replaces.column }}
        from {{ cloudtrail_s3.cloudtrail_stored(replaces.listed_in) }}
    );
    {%- endif %}
    {%- if keys %}
    delete from {{ target }} using {{ new_rows }}
    where
        {%- for key in keys %}
        {{ target }}.{{ key }} = {{ new_rows }}.{{ key }}
        {{- " and" if not loop.last }}
        {%- endfor %};
    {%- endif %}
    {%- endif %}
    insert into {{ target }} ({{ columns }})
    select {{ columns }} from {{ new_rows }};
{% endmacro %}
