{#- Days are text, YYYY-MM-DD: they compare and split as they are. -#}

{% macro cloudtrail_day(name, value) %}
    {#- YAML reads an unquoted day as a date: as text it is the same day. -#}
    {%- set text = value | string -%}
    {%- set is_day = false -%}
    {%- if modules.re.fullmatch(
        "[12][0-9]{3}-(0[1-9]|1[0-2])-[0-9]{2}", text
    ) -%}
        {%- set is_day = text == cloudtrail_s3.cloudtrail_add_days(
            text[:8] ~ "01", text[8:] | int - 1
        ) -%}
    {%- endif -%}
    {%- if not is_day -%}
        {{ cloudtrail_s3.cloudtrail_stop(
            name ~ ": " ~ text ~ " is no day; write it as YYYY-MM-DD"
        ) }}
    {%- endif -%}
    {{ return(text) }}
{% endmacro %}


{% macro cloudtrail_add_days(day, count) %}
    {{ return((
        modules.datetime.date.fromisoformat(day)
        + modules.datetime.timedelta(days=count)
    ).isoformat()) }}
{% endmacro %}


{% macro cloudtrail_quiet_day_count(last_date, last_day) -%}
    {#- Of a null the engines make different greatest ones. -#}
    cast(greatest(coalesce({{ dbt.datediff(
        last_date, last_day, "day"
    ) }}, 0), 0) as bigint)
{%- endmacro %}


{% macro cloudtrail_days_between(start, end) %}
    {#- Both ends count. -#}
    {%- if end < start -%}
        {{ cloudtrail_s3.cloudtrail_stop(
            "the range of days ends on " ~ end ~ ", before its start " ~ start
        ) }}
    {%- endif -%}
    {{ return((
        modules.datetime.date.fromisoformat(end)
        - modules.datetime.date.fromisoformat(start)
    ).days + 1) }}
{% endmacro %}
