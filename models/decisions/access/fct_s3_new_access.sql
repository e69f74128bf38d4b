{%- set new_days = cloudtrail_s3.cloudtrail_var_integer(
    "cloudtrail_new_access_days"
) %}
{%- set baseline_days = cloudtrail_s3.cloudtrail_var_integer(
    "cloudtrail_baseline_days"
) %}

with access as (

    select *
    from {{ ref("int_s3_access_daily") }}
    where bucket_name is not null and not is_preflight

),

activity as (

    select * from {{ ref("fct_s3_activity_daily") }}

),

addresses as (

    select * from {{ ref("int_s3_source_addresses") }}

),

requesters as (

    select * from {{ ref("dim_s3_requesters") }}

),

calendar as (

    select * from {{ ref("int_cloudtrail_days") }}

),

new_days as (

    -- without logs one row of nulls, which nothing is compared with
    select
        cast(
            {{ dbt.dateadd("day", 1 - new_days, "max(calendar_date)") }} as date
        ) as first_new_date,
        cast(
            {{ dbt.dateadd(
                "day", 1 - new_days - baseline_days, "max(calendar_date)"
            ) }} as date
        ) as last_baseline_date
    from calendar

),

delivered_days as (

    -- only these would have shown an earlier access
    select
        calendar_date,
        row_number() over (order by calendar_date) as day_number
    from calendar
    where is_delivered

),

baseline as (

    select
        new_days.first_new_date,
        new_days.last_baseline_date,
        count(delivered_days.calendar_date) as delivered_day_count
    from new_days
    left join delivered_days
        on new_days.first_new_date > delivered_days.calendar_date
    group by 1, 2

),

first_dates as (

    select
        bucket_name,
        min(event_date) as first_date
    from access
    group by 1

),

first_data_dates as (

    select
        bucket_name,
        min(event_date) as first_data_date
    from activity
    where bucket_name is not null and event_category = 'Data'
    group by 1

),

buckets as (

    select
        first_dates.bucket_name,
        baseline.first_new_date,
        baseline.delivered_day_count
        - coalesce(delivered_days.day_number - 1, 0) as baseline_day_count,
        coalesce(
            first_data_dates.first_data_date <= baseline.last_baseline_date,
            false
        ) as has_data_baseline
    from first_dates
    inner join baseline
        on first_dates.first_date <= baseline.last_baseline_date
    left join delivered_days
        on first_dates.first_date = delivered_days.calendar_date
    left join first_data_dates
        on first_dates.bucket_name = first_data_dates.bucket_name

),

described as (

    -- who is a service of AWS acts for the account that has set it up
    select
        access.bucket_name,
        access.requester,
        requesters.requester_kind,
        addresses.network,
        access.request_count,
        access.denied_count,
        case
            when access.is_anonymous then access.request_count else 0
        end as anonymous_request_count,
        access.first_seen_at,
        access.last_seen_at,
        access.event_date,
        requesters.is_trusted
        or requesters.requester_kind = 'aws_service' as is_trusted_requester,
        coalesce(
            requesters.trusted_label,
            case
                when requesters.requester_kind = 'aws_service'
                    then 'AWS service'
            end
        ) as requester_label,
        addresses.is_trusted
        or access.is_aws_service
        or {{ cloudtrail_s3.cloudtrail_regexp_like(
            "lower(addresses.network)",
            "^(aws internal|.*[.]amazonaws[.]com([.]cn)?)\\z"
        ) }} as is_trusted_network,
        coalesce(addresses.trusted_label, 'AWS service') as network_label
    from access
    inner join requesters on access.requester = requesters.requester
    left join addresses
        on access.source_ip_address = addresses.source_ip_address

),

subjects as (

    select
        'requester' as subject_kind,
        requester as subject,
        requester_kind as kind,
        is_trusted_requester as is_trusted,
        requester_label as trusted_label,
        *
    from described
    union all
    select
        'network' as subject_kind,
        network as subject,
        cast(null as varchar) as kind,
        is_trusted_network as is_trusted,
        network_label as trusted_label,
        *
    from described
    where network is not null

)

select
    subjects.subject_kind,
    subjects.subject,
    subjects.bucket_name,
    subjects.kind as requester_kind,
    cast(sum(subjects.request_count) as bigint) as request_count,
    cast(sum(subjects.denied_count) as bigint) as denied_count,
    cast(sum(subjects.anonymous_request_count) as bigint)
        as anonymous_request_count,
    count(distinct subjects.requester) as requester_count,
    count(distinct subjects.network) as network_count,
    -- of milliseconds also where the counts are an Iceberg table
    cast(min(subjects.first_seen_at) as timestamp) as first_seen_at,
    cast(max(subjects.last_seen_at) as timestamp) as last_seen_at,
    bool_and(subjects.is_trusted) as is_trusted,
    case
        when bool_and(subjects.is_trusted) then min(subjects.trusted_label)
    end as trusted_label,
    buckets.baseline_day_count,
    buckets.has_data_baseline
from subjects
inner join buckets on subjects.bucket_name = buckets.bucket_name
group by
    subjects.subject_kind,
    subjects.subject,
    subjects.bucket_name,
    subjects.kind,
    buckets.first_new_date,
    buckets.baseline_day_count,
    buckets.has_data_baseline
having min(subjects.event_date) >= buckets.first_new_date
