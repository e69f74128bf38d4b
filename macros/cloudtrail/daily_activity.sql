{#- The rows of fct_s3_activity_daily for some of the requests: all of an event
    day, or none. -#}

{% macro cloudtrail_daily_activity(requests, condition, grain) %}
    with requests as (

        select *
        from {{ requests }}
        where
            not is_companion
            and {{ condition }}

    )

    select
        {%- for column in grain[:-1] %}
        {{ column }},
        {%- endfor %}
        count(*) as request_count,
        cast(sum(case when is_denied then 1 else 0 end) as bigint)
            as denied_count,
        {{ cloudtrail_s3.cloudtrail_byte_sum("bytes_in") }} as bytes_in,
        {{ cloudtrail_s3.cloudtrail_byte_sum("bytes_out") }} as bytes_out,
        min(event_at) as first_seen_at,
        max(event_at) as last_seen_at,
        event_date
    from requests
    group by
        {{ grain | join(",\n        ") }}
{% endmacro %}
