-- Every placeable S3 record that the last run read has its request in the
-- fact exactly once, and every row that the fact took from one of its files
-- stands in that file.
with batch as (

    select
        request_key,
        event_date,
        event_id,
        log_file
    from {{ ref("int_s3_batch") }}
    where request_key is not null and event_date is not null

),

requests as (

    select
        request_key,
        event_date,
        event_id,
        log_file
    from {{ cloudtrail_s3.cloudtrail_last_run(ref("fct_s3_requests")) }}

),

files_read as (

    select log_file from {{ ref("int_cloudtrail_files_read") }}

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
        requests.request_key,
        requests.event_date
    from requests
    inner join files_read on requests.log_file = files_read.log_file
    left join batch
        on
            requests.request_key = batch.request_key
            and requests.log_file = batch.log_file
            and requests.event_date = batch.event_date
    where batch.request_key is null

)

select * from missing
union all
select * from unfounded
