{%- set days = cloudtrail_s3.cloudtrail_column_values(
    ref("int_cloudtrail_files_to_read"), "log_date"
) %}

with records as (

    {{ cloudtrail_s3.cloudtrail_run_records(
        ref("stg_cloudtrail__records"), ref("int_s3_batch"), days
    ) }}

),

placed as (

    select
        log_file,
        log_date,
        is_s3_request,
        is_s3_request and (event_at is null or request_key is null)
            as is_unplaceable,
        case when is_s3_request and request_key is not null then event_at end
            as event_at
    from records

)

select
    log_file,
    log_date,
    cast(event_at as date) as event_date,
    count(*) as record_count,
    sum(case when is_s3_request then 1 else 0 end) as s3_record_count,
    sum(case when is_unplaceable then 1 else 0 end) as unplaceable_count,
    min(event_at) as first_event_at,
    max(event_at) as last_event_at
from placed
group by 1, 2, 3
