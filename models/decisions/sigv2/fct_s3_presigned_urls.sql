with uses as (

    select * from {{ ref("int_s3_presigned_urls_daily") }}

),

addresses as (

    select * from {{ ref("int_s3_source_addresses") }}

),

days as (

    select max(calendar_date) as last_day
    from {{ ref("int_cloudtrail_days") }}

),

urls as (

    select
        uses.requester,
        uses.bucket_name,
        uses.signature_version,
        count(distinct uses.url_id) as url_count,
        sum(uses.request_count) as request_count,
        sum(uses.denied_count) as denied_count,
        sum(case
            when uses.is_successful and uses.operation_class = 'read'
                then uses.request_count
            else 0
        end) as download_count,
        count(distinct addresses.network) as network_count,
        min(uses.first_seen_at) as first_seen_at,
        max(uses.last_seen_at) as last_seen_at,
        max(uses.event_date) as last_date,
        -- a URL that S3 refused may be of any age
        max(case
            when uses.is_successful
                then {{ dbt.datediff(
                    "uses.signed_at", "uses.last_seen_at", "second"
                ) }}
        end) as longest_age_seconds,
        max(uses.lifetime_seconds) as longest_lifetime_seconds,
        max(uses.expires_at) as latest_expires_at
    from uses
    left join addresses
        on uses.source_ip_address = addresses.source_ip_address
    group by 1, 2, 3

),

described as (

    select
        urls.*,
        {{ cloudtrail_s3.cloudtrail_quiet_day_count(
            "urls.last_date", "days.last_day"
        ) }} as quiet_day_count
    from urls
    cross join days

)

select
    requester,
    bucket_name,
    signature_version,
    url_count,
    cast(request_count as bigint) as request_count,
    cast(denied_count as bigint) as denied_count,
    cast(download_count as bigint) as download_count,
    network_count,
    -- of milliseconds also where the counts are an Iceberg table
    cast(first_seen_at as timestamp) as first_seen_at,
    cast(last_seen_at as timestamp) as last_seen_at,
    -- clocks differ
    cast(case
        when longest_age_seconds is not null
            then greatest(longest_age_seconds, 0)
    end as bigint) as longest_age_seconds,
    longest_lifetime_seconds,
    cast(latest_expires_at as timestamp) as latest_expires_at,
    quiet_day_count,
    quiet_day_count >= {{
        cloudtrail_s3.cloudtrail_var_integer("cloudtrail_quiet_days")
    }} as is_quiet
from described
