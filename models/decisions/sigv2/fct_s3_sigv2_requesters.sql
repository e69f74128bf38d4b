{%- set quiet_days = cloudtrail_s3.cloudtrail_var_integer(
    "cloudtrail_quiet_days"
) %}

with activity as (

    select *
    from {{ ref("fct_s3_activity_daily") }}
    where signature_version = 'SigV2'

),

known_buckets as (

    select * from {{ ref("dim_s3_buckets") }}

),

known_requesters as (

    select * from {{ ref("dim_s3_requesters") }}

),

known_regions as (

    select * from {{ ref("cloudtrail_regions") }}

),

client_catalogue as (

    select * from {{ ref("cloudtrail_client_catalogue") }}

),

days as (

    select max(calendar_date) as last_day
    from {{ ref("int_cloudtrail_days") }}

),

requesters as (

    select
        requester,
        sum(request_count) as request_count,
        sum(denied_count) as denied_count,
        sum(
            case
                when authentication_method = 'AuthHeader' then request_count
                else 0
            end
        ) as header_request_count,
        sum(
            case
                when authentication_method = 'QueryString' then request_count
                else 0
            end
        ) as presigned_request_count,
        count(distinct bucket_name) as bucket_count,
        count(distinct aws_region) as region_count,
        -- of milliseconds also where the activity is an Iceberg table
        cast(min(first_seen_at) as timestamp) as first_seen_at,
        cast(max(last_seen_at) as timestamp) as last_seen_at,
        max(event_date) as last_date
    from activity
    group by 1

),

bucket_counts as (

    select
        requester,
        bucket_name,
        sum(request_count) as request_count
    from activity
    where bucket_name is not null
    group by 1, 2

),

buckets as (

    select
        requester,
        {{ dbt.listagg(
            "bucket_name",
            "', '",
            "order by request_count desc, bucket_name asc",
            10
        ) }} as bucket_names
    from bucket_counts
    group by 1

),

account_counts as (

    select
        bucket_counts.requester,
        known_buckets.bucket_account_id,
        sum(bucket_counts.request_count) as request_count
    from bucket_counts
    inner join known_buckets
        on bucket_counts.bucket_name = known_buckets.bucket_name
    where known_buckets.bucket_account_id is not null
    group by 1, 2

),

accounts as (

    select
        requester,
        {{ dbt.listagg(
            "bucket_account_id",
            "', '",
            "order by request_count desc, bucket_account_id asc",
            10
        ) }} as bucket_account_ids
    from account_counts
    group by 1

),

region_counts as (

    select
        requester,
        aws_region,
        sum(request_count) as request_count
    from activity
    where aws_region is not null
    group by 1, 2

),

regions as (

    select
        region_counts.requester,
        {{ dbt.listagg(
            "region_counts.aws_region",
            "', '",
            "order by region_counts.request_count desc,"
            ~ " region_counts.aws_region asc",
            10
        ) }} as region_names,
        count(case
            when not known_regions.accepts_sigv2 then region_counts.aws_region
        end) as refusing_region_count
    from region_counts
    left join known_regions
        on region_counts.aws_region = known_regions.aws_region
    group by 1

),

active_days as (

    select distinct
        requester,
        event_date
    from activity

),

previous_days as (

    select
        requester,
        event_date,
        lag(event_date) over (
            partition by requester
            order by event_date
        ) as previous_date
    from active_days

),

gaps as (

    select
        requester,
        max({{ dbt.datediff(
            "previous_date", "event_date", "day"
        ) }} - 1) as longest_gap
    from previous_days
    group by 1

),

clients as (

    select
        requester,
        client_name,
        client_version,
        sum(request_count) as request_count,
        sum(
            case
                when authentication_method = 'QueryString' then 0
                else request_count
            end
        ) as signing_request_count
    from activity
    where client_name is not null
    group by 1, 2, 3

),

ranked_clients as (

    -- the agent of a presigned URL is the downloader's: the signing client is
    -- known from the other requests only
    select
        *,
        row_number() over (
            partition by requester
            order by
                request_count desc,
                client_name asc,
                client_version asc nulls last
        ) as main_rank,
        row_number() over (
            partition by requester
            order by
                signing_request_count desc,
                client_name asc,
                client_version asc nulls last
        ) as signing_rank
    from clients

),

main_clients as (

    select *
    from ranked_clients
    where main_rank = 1

),

signing_clients as (

    select
        ranked_clients.requester,
        ranked_clients.client_name,
        ranked_clients.client_version,
        client_catalogue.smallest_sigv4_version,
        client_catalogue.needs_code_change,
        client_catalogue.fix,
        {{ cloudtrail_s3.cloudtrail_version_key(
            "ranked_clients.client_version"
        ) }} < {{ cloudtrail_s3.cloudtrail_version_key(
            "client_catalogue.smallest_sigv4_version"
        ) }} as is_too_old
    from ranked_clients
    inner join client_catalogue
        on
            ranked_clients.client_name = client_catalogue.client_name
            and {{ cloudtrail_s3.cloudtrail_version_key(
                "ranked_clients.client_version"
            ) }} >= {{ cloudtrail_s3.cloudtrail_version_key(
                "client_catalogue.version_from"
            ) }}
            and (
                client_catalogue.version_below is null
                or {{ cloudtrail_s3.cloudtrail_version_key(
                    "ranked_clients.client_version"
                ) }} < {{ cloudtrail_s3.cloudtrail_version_key(
                    "client_catalogue.version_below"
                ) }}
            )
    where
        ranked_clients.signing_rank = 1
        and ranked_clients.signing_request_count > 0

),

described as (

    select
        requesters.*,
        main_clients.client_name as main_client_name,
        main_clients.client_version as main_client_version,
        signing_clients.client_name as signing_client_name,
        signing_clients.client_version as signing_client_version,
        signing_clients.smallest_sigv4_version,
        signing_clients.needs_code_change,
        signing_clients.fix,
        known_requesters.requester_kind,
        known_requesters.requester_account_id,
        accounts.bucket_account_ids,
        buckets.bucket_names,
        regions.region_names,
        coalesce(regions.refusing_region_count, 0) as refusing_region_count,
        case
            when
                requesters.presigned_request_count = requesters.request_count
                then 'presign_with_sigv4'
            when signing_clients.requester is null then 'identify_client'
            when signing_clients.smallest_sigv4_version = '0'
                then 'configure_client'
            when
                signing_clients.smallest_sigv4_version is null
                or signing_clients.client_version is null
                then 'check_client'
            when signing_clients.is_too_old then 'upgrade_client'
            else 'configure_client'
        end as remedy_code,
        {{ cloudtrail_s3.cloudtrail_quiet_day_count(
            "requesters.last_date", "days.last_day"
        ) }} as quiet_day_count,
        gaps.longest_gap
    from requesters
    cross join days
    inner join gaps on requesters.requester = gaps.requester
    left join known_requesters
        on requesters.requester = known_requesters.requester
    left join accounts on requesters.requester = accounts.requester
    left join buckets on requesters.requester = buckets.requester
    left join regions on requesters.requester = regions.requester
    left join main_clients
        on requesters.requester = main_clients.requester
    left join signing_clients
        on requesters.requester = signing_clients.requester

)

select
    requester,
    requester_kind,
    requester_account_id,
    cast(request_count as bigint) as request_count,
    cast(denied_count as bigint) as denied_count,
    cast(header_request_count as bigint) as header_request_count,
    cast(presigned_request_count as bigint) as presigned_request_count,
    bucket_count,
    bucket_names,
    bucket_account_ids,
    region_count,
    region_names,
    refusing_region_count,
    first_seen_at,
    last_seen_at,
    main_client_name,
    main_client_version,
    signing_client_name,
    signing_client_version,
    smallest_sigv4_version,
    needs_code_change,
    remedy_code,
    case remedy_code
        when 'presign_with_sigv4' then ''
        when 'identify_client'
            then
                'Find the program behind this requester by the user agents,'
                || ' addresses and access keys in fct_s3_sigv2_requests, and'
                || ' make it sign with Signature Version 4.'
        else fix
    end
    || case
        when presigned_request_count > 0 and remedy_code != 'presign_with_sigv4'
            then ' '
        else ''
    end
    || case
        when presigned_request_count > 0
            then
                'Presigned URLs: the signer must change, not the downloader'
                || ' whose user agent is logged. Let the program that holds'
                || ' this requester''s credentials sign its URLs with'
                || ' Signature Version 4, in boto3 with'
                || ' Config(signature_version=''s3v4''), for aws s3 presign'
                || ' with aws configure set default.s3.signature_version'
                || ' s3v4, and let URLs already given away expire.'
        else ''
    end as remedy,
    quiet_day_count,
    quiet_day_count >= {{ quiet_days }} as is_quiet,
    quiet_day_count < {{ quiet_days }}
    and coalesce(longest_gap >= {{ quiet_days }}, false) as is_regressed
from described
