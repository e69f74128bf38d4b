with buckets as (

    select
        bucket_name,
        is_monitored
    from {{ ref("cloudtrail_s3", "dim_s3_buckets") }}

),

readiness as (

    select
        bucket_name,
        count(*) as breaking_control_count
    from {{ ref("cloudtrail_s3", "fct_s3_enforcement_readiness") }}
    where verdict = 'not_ready'
    group by 1

),

owners as (

    select * from {{ ref("bucket_owners") }}

)

select
    buckets.bucket_name,
    owners.team,
    buckets.is_monitored,
    coalesce(readiness.breaking_control_count, 0) as breaking_control_count
from buckets
left join readiness on buckets.bucket_name = readiness.bucket_name
left join owners on buckets.bucket_name = owners.bucket_name
