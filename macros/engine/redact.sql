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
    {#- One pass, whatever the number of keys: json_merge_patch puts the
        secret keys, which are listed as they are spelled, in place. -#}
    cast(case
        when not regexp_matches({{ json }}, '{{ pattern }}')
            then nullif(nullif({{ json }}, '""'), 'null')
        when json_type({{ json }}) = 'VARCHAR'
            then case
                when regexp_matches({{ json }} ->> '$', '{{ pattern }}')
                    then '"REDACTED"'
                else {{ json }}
            end
        when json_type({{ json }}) != 'OBJECT' then {{ json }}
        else json_merge_patch(
            {{ json }},
            '{' || array_to_string(
                list_transform(
                    list_filter(
                        json_keys({{ json }}),
                        lambda k: lower(k) in (
                            {{ cloudtrail_s3.cloudtrail_literals(
                                cloudtrail_s3.cloudtrail_secret_keys()
                            ) }}
                        )
                    ),
                    lambda k: to_json(k) || ':"REDACTED"'
                ), ','
            ) || '}'
        )
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
