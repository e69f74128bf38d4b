-- Every placeable S3 record of the batch has its request in the fact, and of
-- no file that the last run read does the fact hold more than the run found.
with batch as (

    select
        request_key,
        event_date
    from {{ ref("int_s3_batch") }}
    where request_key is not null and event_date is not null

),

requests as (

    select
        request_key,
        event_date,
        log_file
    from {{ cloudtrail_s3.cloudtrail_last_run(ref("fct_s3_requests")) }}

),

files_read as (

    select log_file from {{ ref("int_cloudtrail_files_read") }}

),

file_days as (

    select
        log_file,
        event_date,
        sum(s3_record_count - unplaceable_count) as placeable_count
    from {{ ref("int_cloudtrail_file_days") }}
    where event_date is not null
    group by 1, 2

),

missing as (

    select
        request_key,
        event_date
    from batch
    except
    select
        request_key,
        event_date
    from requests

),

unfounded as (

    select
        requests.log_file,
        requests.event_date
    from requests
    left join file_days
        on
            requests.log_file = file_days.log_file
            and requests.event_date = file_days.event_date
    where requests.log_file in (select files_read.log_file from files_read)
    group by 1, 2
    having count(*) > coalesce(max(file_days.placeable_count), 0)

)

select * from missing
union all
select * from unfounded
