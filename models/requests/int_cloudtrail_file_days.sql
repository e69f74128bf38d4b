{{ config(
    post_hook="{{ cloudtrail_s3.cloudtrail_forget_rows_of_run() }}",
) }}

with records as (

    select
        log_file,
        log_date,
        event_at is null or request_key is null as is_unplaceable,
        case when request_key is not null then event_at end as event_at
    from {{ ref("int_s3_batch") }}

)

select
    log_file,
    log_date,
    cast(event_at as date) as event_date,
    count(*) as s3_record_count,
    sum(case when is_unplaceable then 1 else 0 end) as unplaceable_count,
    min(event_at) as first_event_at,
    max(event_at) as last_event_at
from records
group by 1, 2, 3
