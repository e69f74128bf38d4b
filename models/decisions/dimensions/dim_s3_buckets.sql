with access as (

    select *
    from {{ ref("int_s3_access_daily") }}
    where bucket_name is not null

),

activity as (

    select * from {{ ref("fct_s3_activity_daily") }}

),

owner_copies as (

    select * from {{ ref("int_s3_owner_copies") }}

),

delivered as (

    {{ cloudtrail_s3.cloudtrail_data_events("activity", "owner_copies") }}

),

owned as (

    select
        bucket_name,
        bucket_account_id,
        event_date
    from access
    union all
    -- a denied caller's copy does not tell
    select
        bucket_name,
        bucket_account_id,
        event_date
    from owner_copies

),

owners as (

    select
        bucket_name,
        bucket_account_id,
        row_number() over (
            partition by bucket_name
            order by max(event_date) desc, bucket_account_id asc
        ) as owner_rank
    from owned
    where bucket_account_id is not null
    group by 1, 2

),

regions as (

    select
        bucket_name,
        aws_region,
        row_number() over (
            partition by bucket_name
            order by sum(request_count) desc, aws_region asc
        ) as region_rank
    from access
    where aws_region is not null
    group by 1, 2

),

data_events as (

    -- of what the owner's own trail delivered: the log of a caller's account
    -- tells nothing about the others who use the bucket
    select
        delivered.bucket_name,
        sum(delivered.request_count) as request_count,
        min(delivered.first_seen_at) as first_seen_at,
        max(delivered.last_seen_at) as last_seen_at
    from delivered
    inner join owners
        on
            delivered.bucket_name = owners.bucket_name
            and delivered.account_id = owners.bucket_account_id
            and owners.owner_rank = 1
    group by 1

),

buckets as (

    select
        bucket_name,
        sum(request_count) as request_count,
        sum(denied_count) as denied_count,
        count(
            distinct case when not is_preflight then requester end
        ) as requester_count,
        min(first_seen_at) as first_seen_at,
        max(last_seen_at) as last_seen_at
    from access
    group by 1

)

select
    buckets.bucket_name,
    owners.bucket_account_id,
    regions.aws_region,
    cast(buckets.request_count as bigint) as request_count,
    cast(buckets.denied_count as bigint) as denied_count,
    buckets.requester_count,
    -- of milliseconds also where the counts are an Iceberg table
    cast(buckets.first_seen_at as timestamp) as first_seen_at,
    cast(buckets.last_seen_at as timestamp) as last_seen_at,
    cast(coalesce(data_events.request_count, 0) as bigint)
        as owner_data_event_count,
    cast(data_events.first_seen_at as timestamp) as first_owner_data_event_at,
    cast(data_events.last_seen_at as timestamp) as last_owner_data_event_at,
    data_events.bucket_name is not null as is_monitored
from buckets
left join owners
    on buckets.bucket_name = owners.bucket_name and owners.owner_rank = 1
left join regions
    on buckets.bucket_name = regions.bucket_name and regions.region_rank = 1
left join data_events on buckets.bucket_name = data_events.bucket_name
