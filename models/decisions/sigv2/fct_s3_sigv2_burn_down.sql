with activity as (

    select *
    from {{ ref("fct_s3_activity_daily") }}
    where signature_version = 'SigV2'

),

delivered_days as (

    select calendar_date
    from {{ ref("int_cloudtrail_days") }}
    where is_delivered

),

signed as (

    select
        event_date,
        bucket_name,
        requester,
        case authentication_method
            when 'AuthHeader' then 'header'
            when 'QueryString' then 'presigned'
            else 'other'
        end as signing,
        sum(request_count) as request_count,
        sum(denied_count) as denied_count,
        min(first_seen_at) as first_seen_at,
        max(last_seen_at) as last_seen_at
    from activity
    group by 1, 2, 3, 4

),

logged_days as (

    select calendar_date from delivered_days
    union distinct
    select event_date as calendar_date from signed

),

neighbours as (

    select
        calendar_date,
        lag(calendar_date) over (order by calendar_date) as previous_date
    from logged_days

),

histories as (

    -- a mean over days without logs would tell nothing
    select
        calendar_date,
        max(case
            when
                previous_date is null
                or {{ dbt.datediff(
                    "previous_date", "calendar_date", "day"
                ) }} > 7
                then calendar_date
        end) over (
            order by calendar_date
            rows between unbounded preceding and current row
        ) as first_day
    from neighbours

),

windows as (

    -- ranges of days: a day without requests has no row
    select
        *,
        lag(event_date) over (
            partition by bucket_name, requester, signing
            order by event_date
        ) as previous_date,
        sum(request_count) over (
            partition by bucket_name, requester, signing
            order by event_date
            range between interval '6' day preceding and current row
        ) as request_count_7_days,
        sum(request_count) over (
            partition by bucket_name, requester, signing
            order by event_date
            range between interval '27' day preceding and current row
        ) as request_count_28_days
    from signed

),

gaps as (

    select
        *,
        {{ dbt.datediff(
            "previous_date", "event_date", "day"
        ) }} - 1 as quiet_day_count
    from windows

)

select
    gaps.event_date,
    gaps.bucket_name,
    gaps.requester,
    gaps.signing,
    cast(gaps.request_count as bigint) as request_count,
    cast(gaps.denied_count as bigint) as denied_count,
    -- of milliseconds also where the activity is an Iceberg table
    cast(gaps.first_seen_at as timestamp) as first_seen_at,
    cast(gaps.last_seen_at as timestamp) as last_seen_at,
    cast(gaps.quiet_day_count as bigint) as quiet_day_count,
    coalesce(gaps.quiet_day_count >= {{
        cloudtrail_s3.cloudtrail_var_integer("cloudtrail_quiet_days")
    }}, false) as is_regression,
    cast(gaps.request_count_7_days as bigint) as request_count_7_days,
    cast(gaps.request_count_28_days as bigint) as request_count_28_days,
    -- (of 7 days / 7) / (of 28 days / 28), rounded once
    case
        when {{ dbt.datediff(
            "histories.first_day", "gaps.event_date", "day"
        ) }} >= 27
            then
                cast(gaps.request_count_7_days as double) * 4
                / gaps.request_count_28_days
    end as trend
from gaps
inner join histories on gaps.event_date = histories.calendar_date
