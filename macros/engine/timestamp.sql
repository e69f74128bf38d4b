{#- ISO 8601 text to a UTC timestamp of milliseconds, else null. -#}

{% macro cloudtrail_timestamp(text) %}
    {#- Groups: 1 seconds and above, 2 the fraction's first digits, 3 zone.
        Cut to milliseconds here: a cast rounds on one of the engines. -#}
    {%- set pattern = "^([0-9]{4}-[0-9]{2}-[0-9]{2}[T ]"
        ~ "[0-9]{2}:[0-9]{2}:[0-9]{2})(?:([.][0-9]{1,3})[0-9]*)?"
        ~ "(Z|[+-][0-9]{2}(?::?[0-9]{2})?)?$" -%}
    {{- return(adapter.dispatch(
        "cloudtrail_timestamp", "cloudtrail_s3"
    )(text, pattern)) -}}
{% endmacro %}


{% macro duckdb__cloudtrail_timestamp(text, pattern) %}
    {#- The usual form skips the regular expressions. timestamptz keeps the
        offset that a cast to timestamp would drop. -#}
    make_timestamp_ms(epoch_ms(try_cast(
        case
            when {{ text }} like '____-__-__T__:__:__Z' then {{ text }}
            when regexp_matches({{ text }}, '{{ pattern }}')
                then regexp_replace({{ text }}, '{{ pattern }}', '\1\2')
                    || coalesce(
                        nullif(
                            regexp_extract({{ text }}, '{{ pattern }}', 3),
                            ''
                        ),
                        'Z'
                    )
        end as timestamptz
    )))
{% endmacro %}


{% macro athena__cloudtrail_timestamp(text, pattern) %}
    cast(
        try(from_iso8601_timestamp(
            replace(regexp_extract({{ text }}, '{{ pattern }}', 1), ' ', 'T')
            || coalesce(regexp_extract({{ text }}, '{{ pattern }}', 2), '')
            || coalesce(regexp_extract({{ text }}, '{{ pattern }}', 3), 'Z')
        )) at time zone 'UTC' as timestamp
    )
{% endmacro %}
