with loads as (

    select * from {{ ref("fct_cloudtrail_loads") }}

),

log_files as (

    select * from {{ ref("fct_cloudtrail_log_files") }}

),

activity as (

    select distinct event_date from {{ ref("fct_s3_activity_daily") }}

),

days_loaded as (

    select
        log_date,
        sum(s3_record_count) as s3_record_count,
        max(loaded_at) as loaded_at
    from loads
    where log_date > date '1970-01-01'
    group by 1

),

days_listed as (

    -- what a run found of a day it has read, of those before there was no more
    select
        *,
        max(loaded_at) over (order by log_date desc) as listed_at
    from days_loaded

),

delivered as (

    -- without S3 records Athena cannot tell whether a day had any file
    select
        log_date,
        s3_record_count,
        listed_at >= {{ cloudtrail_s3.cloudtrail_day_complete_at(
            "log_date"
        ) }} as is_complete
    from days_listed
    where s3_record_count > 0

),

last_load as (

    select max(loaded_at) as loaded_at from loads

),

undated as (

    -- files without a day in their name or folder: their events tell it
    select
        cast(min(log_files.first_event_at) as date) as first_day,
        cast(max(log_files.last_event_at) as date) as last_day
    from log_files
    cross join last_load
    where
        log_files.log_date = date '1970-01-01'
        and log_files.last_event_at <= last_load.loaded_at

),

ends as (

    select
        least(
            coalesce(min(delivered.log_date), min(undated.first_day)),
            coalesce(min(undated.first_day), min(delivered.log_date))
        ) as first_day,
        coalesce(
            greatest(
                coalesce(
                    max(case
                        when delivered.is_complete then delivered.log_date
                    end),
                    max(undated.last_day)
                ),
                coalesce(
                    max(undated.last_day),
                    max(case
                        when delivered.is_complete then delivered.log_date
                    end)
                )
            ),
            max(delivered.log_date)
        ) as last_day
    from undated
    left join delivered on true

),

bounds as (

    -- one absurd date must not make a calendar of centuries
    select
        last_day,
        greatest(
            first_day,
            cast({{ dbt.dateadd("day", -3650, "last_day") }} as date)
        ) as first_day
    from ends
    where last_day is not null

),

calendar as (

    {{ cloudtrail_s3.cloudtrail_calendar(
        "first_day", "last_day", "bounds"
    ) }}

)

select
    calendar.calendar_date,
    cast(coalesce(delivered.s3_record_count, 0) as bigint) as s3_record_count,
    delivered.log_date is not null or activity.event_date is not null
        as is_delivered
from calendar
left join delivered on calendar.calendar_date = delivered.log_date
left join activity on calendar.calendar_date = activity.event_date
