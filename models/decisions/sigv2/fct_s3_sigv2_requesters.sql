{{ config(materialized="cloudtrail_table") }}

with activity as (

    select *
    from {{ ref("fct_s3_activity_daily") }}
    where signature_version = 'SigV2'

),

loads as (

    select * from {{ ref("fct_cloudtrail_loads") }}

),

client_catalogue as (

    select * from {{ ref("cloudtrail_client_catalogue") }}

),

requesters as (

    select
        requester,
        sum(request_count) as request_count,
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
        cast(max(last_seen_at) as timestamp) as last_seen_at
    from activity
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
        ranked_clients.client_version,
        client_catalogue.smallest_sigv4_version,
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

last_complete_day as (

    -- without S3 records Athena cannot tell whether a day had any file
    select max(log_date) as log_date
    from loads
    where
        s3_record_count > 0
        and loaded_at >= {{ cloudtrail_s3.cloudtrail_day_complete_at(
            "log_date"
        ) }}

),

described as (

    select
        requesters.*,
        main_clients.client_name as main_client_name,
        main_clients.client_version as main_client_version,
        signing_clients.fix,
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
        {{ dbt.datediff(
            "requesters.last_seen_at", "last_complete_day.log_date", "day"
        ) }} as days_since_last_seen
    from requesters
    cross join last_complete_day
    left join main_clients
        on requesters.requester = main_clients.requester
    left join signing_clients
        on requesters.requester = signing_clients.requester

)

select
    requester,
    cast(request_count as bigint) as request_count,
    cast(header_request_count as bigint) as header_request_count,
    cast(presigned_request_count as bigint) as presigned_request_count,
    bucket_count,
    region_count,
    first_seen_at,
    last_seen_at,
    main_client_name,
    main_client_version,
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
    cast(greatest(coalesce(days_since_last_seen, 0), 0) as bigint)
        as quiet_day_count,
    coalesce(days_since_last_seen, 0) >= {{
        cloudtrail_s3.cloudtrail_var_integer("cloudtrail_quiet_days")
    }} as is_quiet
from described
