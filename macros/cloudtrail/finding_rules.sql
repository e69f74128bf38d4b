{#- What the rules of models/decisions/findings have in common. -#}

{% macro cloudtrail_evidence(rule, columns) -%}
    {#- The columns of a rule's row: its own texts, and what it found. -#}
    {%- set types = {
        "bucket_name": "varchar",
        "requester": "varchar",
        "detail": "varchar",
        "remedy": "varchar",
        "event_date": "date",
        "request_count": "bigint",
        "first_seen_at": "timestamp",
        "last_seen_at": "timestamp",
    } -%}
    {%- for name in ["id", "severity", "title", "source"] -%}
        {{ cloudtrail_s3.cloudtrail_literal(rule[name]) }}
        {{- " as rule_" ~ name ~ ",\n    " }}
    {%- endfor -%}
    {%- for name, type in types.items() -%}
        {%- set expression = columns.get(name, "null") -%}
        {%- if name == "remedy" -%}
            {%- set expression = "coalesce(" ~ expression ~ ", "
                ~ cloudtrail_s3.cloudtrail_literal(rule["remedy"]) ~ ")"
            -%}
        {%- endif -%}
        {{- "cast(" ~ expression ~ " as " ~ type ~ ") as " ~ name }}
        {{- ",\n    " if not loop.last }}
    {%- endfor -%}
{%- endmacro %}


{% macro cloudtrail_severities() %}
    {{ return(["info", "low", "medium", "high", "critical"]) }}
{% endmacro %}


{% macro cloudtrail_is_old_tls(tls_version) -%}
    (
        lower({{ tls_version }}) in ('tlsv1', 'tlsv1.0', 'tlsv1.1')
        or lower({{ tls_version }}) like 'ssl%'
    )
{%- endmacro %}
