{#- A JSON text with the values of secret top-level keys replaced. -#}

{% macro cloudtrail_secret_fields() %}
    {{- return(["requestParameters", "additionalEventData"]) -}}
{% endmacro %}


{% macro cloudtrail_secret_keys() %}
    {{- return([
        "x-amz-signature",
        "signature",
        "x-amz-security-token",
        "authorization",
        "x-amz-server-side-encryption-customer-key",
        "x-amz-copy-source-server-side-encryption-customer-key",
    ]) -}}
{% endmacro %}


{% macro cloudtrail_redacted(json) %}
    {#- Only a text that may hold a secret key is taken apart: one that has
        such a key's name, or spells a key with \u escapes. JSON inside a JSON
        string, as some exports write it, goes as a whole. -#}
    {%- set pattern = '(?i)"('
        ~ cloudtrail_s3.cloudtrail_secret_keys() | join("|")
        ~ ')[\\\\]?"|[\\\\]u' -%}
    {{- return(adapter.dispatch(
        "cloudtrail_redacted", "cloudtrail_s3"
    )(json, pattern)) -}}
{% endmacro %}


{% macro duckdb__cloudtrail_redacted(json, pattern) %}
    {#- JSON Pointer reaches a key of any spelling. -#}
    cast(case
        when not regexp_matches({{ json }}, '{{ pattern }}')
            then nullif(nullif({{ json }}, '""'), 'null')
        when json_type({{ json }}) = 'VARCHAR' then '"REDACTED"'
        when json_type({{ json }}) != 'OBJECT' then {{ json }}
        else '{' || array_to_string(
            list_transform(
                json_keys({{ json }}),
                lambda k: to_json(k) || ':' || case
                    when lower(k) in (
                        {{ cloudtrail_s3.cloudtrail_literals(
                            cloudtrail_s3.cloudtrail_secret_keys()
                        ) }}
                    )
                        then '"REDACTED"'
                    else json_extract(
                        {{ json }},
                        '/' || replace(replace(k, '~', '~0'), '/', '~1')
                    )
                end
            ), ','
        ) || '}'
    end as varchar)
{% endmacro %}


{% macro athena__cloudtrail_redacted(json, pattern) %}
    {#- The table's column is a text: of a JSON string its content. Only that
        can be no JSON; it gets its quotes back. -#}
    case
        when regexp_like({{ json }}, '{{ pattern }}')
            then coalesce(
                try(json_format(cast(transform_values(
                    cast(json_parse({{ json }}) as map(varchar, json)),
                    (k, v) -> if(
                        lower(k) in (
                            {{ cloudtrail_s3.cloudtrail_literals(
                                cloudtrail_s3.cloudtrail_secret_keys()
                            ) }}
                        ),
                        cast('REDACTED' as json),
                        v
                    )
                ) as json))),
                if(
                    regexp_like({{ json }}, '^\s*\[')
                    and try(json_parse({{ json }})) is not null,
                    {{ json }},
                    '"REDACTED"'
                )
            )
        when
            regexp_like(
                {{ json }},
                '^\s*(\{|\[|(true|false|-?[0-9.]+([eE][+-]?[0-9]+)?)\s*$)'
            )
            then {{ json }}
        when {{ json }} not in ('', 'null')
            then json_format(cast({{ json }} as json))
    end
{% endmacro %}
