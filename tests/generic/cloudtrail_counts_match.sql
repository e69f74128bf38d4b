{% test cloudtrail_counts_match(model, to) %}
    {%- set daily = cloudtrail_s3.cloudtrail_daily_of(model) %}
    with requests as (

        select
            event_date,
            count(*) as request_count,
            sum(case when is_denied then 1 else 0 end) as denied_count,
            {{ cloudtrail_s3.cloudtrail_byte_sum("bytes_in") }} as bytes_in,
            {{ cloudtrail_s3.cloudtrail_byte_sum("bytes_out") }} as bytes_out
        from {{ cloudtrail_s3.cloudtrail_last_run(to) }}
        where
            not is_companion
            and {{ daily["where"] }}
        group by 1

    ),

    counts as (

        select
            event_date,
            sum(request_count) as request_count,
            sum(denied_count) as denied_count,
            {{ cloudtrail_s3.cloudtrail_byte_sum("bytes_in") }} as bytes_in,
            {{ cloudtrail_s3.cloudtrail_byte_sum("bytes_out") }} as bytes_out
        from {{ cloudtrail_s3.cloudtrail_last_run(model) }}
        group by 1

    ),

    missing as (

        select * from requests
        except
        select * from counts

    ),

    unexpected as (

        select * from counts
        except
        select * from requests

    )

    select * from missing
    union all
    select * from unexpected
{% endtest %}
