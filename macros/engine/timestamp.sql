{#- ISO 8601 text to a UTC timestamp of milliseconds, else null: also for what
    only one of the engines reads (hour 24, offsets above 14 hours), and for
    years that are no date to what reads the tables. -#}

{% macro cloudtrail_timestamp(text) %}
    {#- Groups: 1 seconds and above, 2 the fraction's first digits, 3 zone.
        Cut to milliseconds here: a cast rounds on one of the engines. -#}
    {%- set day = "[12][0-9]{3}-[0-9]{2}-[0-9]{2}" -%}
    {%- set clock = "(?:[01][0-9]|2[0-3]):[0-9]{2}:[0-9]{2}" -%}
    {%- set zone = "Z|[+-](?:(?:0[0-9]|1[0-3])(?::?[0-5][0-9])?|14(?::?00)?)"
    -%}
    {%- set pattern = "^(" ~ day ~ "[T ]" ~ clock
        ~ ")(?:([.][0-9]{1,3})[0-9]*)?(" ~ zone ~ ")?\\z" -%}
    {%- set usual_pattern = "^" ~ day ~ "T" ~ clock ~ "Z\\z" -%}
    {{- return(adapter.dispatch(
        "cloudtrail_timestamp", "cloudtrail_s3"
    )(text, pattern, usual_pattern)) -}}
{% endmacro %}


{% macro duckdb__cloudtrail_timestamp(text, pattern, usual_pattern) %}
    {#- The usual form is not taken apart. timestamptz keeps the offset that a
        cast to timestamp would drop. -#}
    make_timestamp_ms(epoch_ms(try_cast(
        case
            when regexp_matches({{ text }}, '{{ usual_pattern }}')
                then {{ text }}
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


{% macro athena__cloudtrail_timestamp(text, pattern, usual_pattern) %}
    cast(
        try(from_iso8601_timestamp(
            replace(regexp_extract({{ text }}, '{{ pattern }}', 1), ' ', 'T')
            || coalesce(regexp_extract({{ text }}, '{{ pattern }}', 2), '')
            || coalesce(regexp_extract({{ text }}, '{{ pattern }}', 3), 'Z')
        )) at time zone 'UTC' as timestamp
    )
{% endmacro %}


{#- A number of seconds after a timestamp, more of them than an integer can be.
    -#}

{% macro cloudtrail_seconds_later(timestamp, seconds) %}
    {{- return(adapter.dispatch(
        "cloudtrail_seconds_later", "cloudtrail_s3"
    )(timestamp, seconds)) -}}
{% endmacro %}


{% macro duckdb__cloudtrail_seconds_later(timestamp, seconds) %}
    make_timestamp(epoch_us({{ timestamp }}) + {{ seconds }} * 1000000)
{% endmacro %}


{% macro athena__cloudtrail_seconds_later(timestamp, seconds) %}
    {#- Athena adds no more seconds at once than an integer holds. -#}
    date_add(
        'second',
        {{ seconds }} % 86400,
        date_add('day', {{ seconds }} / 86400, {{ timestamp }})
    )
{% endmacro %}
