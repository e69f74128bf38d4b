with activity as (

    select *
    from {{ ref("fct_s3_activity_daily") }}

),

owner_copies as (

    select * from {{ ref("int_s3_owner_copies") }}

),

log_files as (

    select * from {{ ref("fct_cloudtrail_log_files") }}

),

calendar as (

    select calendar_date from {{ ref("int_cloudtrail_days") }}

),

last_complete_day as (

    -- without any, as where all events are said to be of the future, none is
    select coalesce(max(calendar_date), date '1970-01-01') as last_day
    from calendar

),

data_events as (

    {{ cloudtrail_s3.cloudtrail_data_events("activity", "owner_copies") }}

),

deliveries as (

    -- a trail delivers for an account: whether others' did tells nothing
    select
        coalesce(account_id, '') as account_key,
        event_date as delivery_date
    from activity
    union distinct
    select
        account_id as account_key,
        event_date as delivery_date
    from owner_copies
    union distinct
    select
        coalesce(account_id, '') as account_key,
        log_date as delivery_date
    from log_files
    where s3_record_count > 0

),

counted as (

    select
        account_id,
        aws_region,
        bucket_name,
        event_date,
        sum(
            case
                when event_category = 'Management' then request_count
                else 0
            end
        ) as management_event_count,
        sum(case when event_category = 'Data' then request_count else 0 end)
            as data_event_count,
        sum(
            case
                when
                    event_category = 'Data'
                    and resource_level = 'object'
                    and operation_class in ('read', 'list')
                    then request_count
                else 0
            end
        ) as object_read_count,
        sum(
            case
                when
                    event_category = 'Data'
                    and resource_level = 'object'
                    and operation_class in ('write', 'delete')
                    then request_count
                else 0
            end
        ) as object_write_count,
        cast(null as timestamp) as first_data_event_at,
        cast(null as timestamp) as last_data_event_at
    from activity
    where bucket_name is not null
    group by 1, 2, 3, 4
    union all
    select
        account_id,
        aws_region,
        bucket_name,
        event_date,
        0 as management_event_count,
        0 as data_event_count,
        0 as object_read_count,
        0 as object_write_count,
        min(first_seen_at) as first_data_event_at,
        max(last_seen_at) as last_data_event_at
    from data_events
    -- the request of a copy may have gone with its row's log day
    where
        bucket_name in (
            select activity.bucket_name
            from activity
            where activity.bucket_name is not null
        )
    group by 1, 2, 3, 4

),

buckets as (

    select
        account_id,
        aws_region,
        bucket_name,
        min(event_date) as first_day
    from counted
    group by 1, 2, 3

),

days as (

    select * from counted
    union all
    select
        buckets.account_id,
        buckets.aws_region,
        buckets.bucket_name,
        calendar.calendar_date as event_date,
        0 as management_event_count,
        0 as data_event_count,
        0 as object_read_count,
        0 as object_write_count,
        cast(null as timestamp) as first_data_event_at,
        cast(null as timestamp) as last_data_event_at
    from buckets
    inner join calendar on buckets.first_day <= calendar.calendar_date

),

summed as (

    select
        account_id,
        aws_region,
        bucket_name,
        event_date,
        sum(management_event_count) as management_event_count,
        sum(data_event_count) as data_event_count,
        sum(object_read_count) as object_read_count,
        sum(object_write_count) as object_write_count,
        min(first_data_event_at) as first_data_event_at,
        max(last_data_event_at) as last_data_event_at
    from days
    group by 1, 2, 3, 4

),

running as (

    select
        *,
        coalesce(account_id, '') as account_key,
        count(first_data_event_at) over (
            partition by account_id, aws_region, bucket_name
        ) > 0 as is_monitored,
        min(first_data_event_at) over (
            partition by account_id, aws_region, bucket_name
            order by event_date
            rows between unbounded preceding and current row
        ) as first_data_event_so_far_at,
        max(last_data_event_at) over (
            partition by account_id, aws_region, bucket_name
            order by event_date
            rows between unbounded preceding and current row
        ) as last_data_event_so_far_at
    from summed

)

select
    running.account_id,
    running.aws_region,
    running.bucket_name,
    cast(running.management_event_count as bigint) as management_event_count,
    cast(running.data_event_count as bigint) as data_event_count,
    cast(running.object_read_count as bigint) as object_read_count,
    cast(running.object_write_count as bigint) as object_write_count,
    running.first_data_event_at is not null as has_data_events,
    deliveries.delivery_date is not null as is_delivered,
    deliveries.delivery_date is null as is_gap,
    running.event_date <= last_complete_day.last_day as is_complete,
    running.is_monitored,
    -- of milliseconds also where the activity is an Iceberg table
    cast(running.first_data_event_so_far_at as timestamp)
        as first_data_event_at,
    cast(running.last_data_event_so_far_at as timestamp) as last_data_event_at,
    running.event_date
from running
cross join last_complete_day
left join deliveries
    on
        running.account_key = deliveries.account_key
        and running.event_date = deliveries.delivery_date
