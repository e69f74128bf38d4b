-- Each event day of the daily activity counts the fact's rows of that day,
-- companions left out.
with requests as (

    select
        event_date,
        count(*) as request_count,
        sum(case when is_denied then 1 else 0 end) as denied_count,
        {{ cloudtrail_s3.cloudtrail_byte_sum("bytes_in") }} as bytes_in,
        {{ cloudtrail_s3.cloudtrail_byte_sum("bytes_out") }} as bytes_out
    from {{ cloudtrail_s3.cloudtrail_last_run(ref("fct_s3_requests")) }}
    where not is_companion
    group by 1

),

activity as (

    select
        event_date,
        sum(request_count) as request_count,
        sum(denied_count) as denied_count,
        {{ cloudtrail_s3.cloudtrail_byte_sum("bytes_in") }} as bytes_in,
        {{ cloudtrail_s3.cloudtrail_byte_sum("bytes_out") }} as bytes_out
    from {{ cloudtrail_s3.cloudtrail_last_run(
        ref("fct_s3_activity_daily")
    ) }}
    group by 1

),

missing as (

    select * from requests
    except
    select * from activity

),

unexpected as (

    select * from activity
    except
    select * from requests

)

select * from missing
union all
select * from unexpected
