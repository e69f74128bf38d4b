{%- set quiet_days = cloudtrail_s3.cloudtrail_var_integer(
    "cloudtrail_quiet_days"
) %}

with denials as (

    select * from {{ ref("int_s3_denials_daily") }}

),

days as (

    select max(calendar_date) as last_day
    from {{ ref("int_cloudtrail_days") }}

),

denial_advice as (

    select * from {{ ref("cloudtrail_denial_advice") }}

),

errors as (

    select
        requester,
        bucket_name,
        denial_source,
        denial_kind,
        event_name,
        error_code,
        sum(request_count) as request_count,
        min(first_seen_at) as first_seen_at,
        max(last_seen_at) as last_seen_at,
        max(event_date) as last_day
    from denials
    group by 1, 2, 3, 4, 5, 6

),

ranked as (

    select
        *,
        row_number() over (
            partition by requester, bucket_name, denial_source, denial_kind
            order by
                request_count desc,
                event_name asc,
                error_code asc nulls last
        ) as error_rank
    from errors

),

reasons as (

    select
        requester,
        bucket_name,
        denial_source,
        denial_kind,
        sum(request_count) as request_count,
        count(distinct event_name) as event_name_count,
        max(case when error_rank = 1 then event_name end) as main_event_name,
        max(case when error_rank = 1 then error_code end) as main_error_code,
        min(first_seen_at) as first_seen_at,
        max(last_seen_at) as last_seen_at,
        max(last_day) as last_day
    from ranked
    group by 1, 2, 3, 4

),

dated as (

    select
        reasons.*,
        {{ cloudtrail_s3.cloudtrail_quiet_day_count(
            "reasons.last_day", "days.last_day"
        ) }} as quiet_day_count
    from reasons
    cross join days

)

select
    dated.requester,
    dated.bucket_name,
    dated.denial_source,
    dated.denial_kind,
    cast(dated.request_count as bigint) as request_count,
    dated.event_name_count,
    dated.main_event_name,
    dated.main_error_code,
    -- of milliseconds also where the counts are an Iceberg table
    cast(dated.first_seen_at as timestamp) as first_seen_at,
    cast(dated.last_seen_at as timestamp) as last_seen_at,
    dated.quiet_day_count,
    dated.quiet_day_count >= {{ quiet_days }} as is_quiet,
    denial_advice.advice
from dated
left join denial_advice
    on
        dated.denial_source = denial_advice.denial_source
        and coalesce(dated.denial_kind, '')
        = coalesce(denial_advice.denial_kind, '')
