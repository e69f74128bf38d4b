with access as (

    select * from {{ ref("int_s3_access_daily") }}

),

trusted_principals as (

    select * from {{ ref("cloudtrail_trusted_principals") }}

),

identities as (

    -- what most requests say: a requester is rarely logged in two ways
    select
        requester,
        requester_type,
        requester_account_id,
        is_aws_service,
        row_number() over (
            partition by requester
            order by
                sum(request_count) desc,
                requester_type asc nulls last,
                requester_account_id asc nulls last,
                is_aws_service asc
        ) as identity_rank
    from access
    group by 1, 2, 3, 4

),

requesters as (

    select
        requester,
        sum(request_count) as request_count,
        sum(denied_count) as denied_count,
        count(
            distinct case when not is_preflight then bucket_name end
        ) as bucket_count,
        min(first_seen_at) as first_seen_at,
        max(last_seen_at) as last_seen_at
    from access
    group by 1

),

trusted as (

    select
        requesters.requester,
        min(trusted_principals.label) as trusted_label
    from requesters
    inner join trusted_principals
        on requesters.requester like replace(
            replace(
                replace(
                    replace(trusted_principals.requester_pattern, '!', '!!'),
                    '%',
                    '!%'
                ),
                '_',
                '!_'
            ),
            '*',
            '%'
        ) escape '!'
    group by 1

)

select
    requesters.requester,
    case
        when requesters.requester = 'anonymous' then 'anonymous'
        when identities.is_aws_service then 'aws_service'
        when identities.requester_type = 'Root' then 'root'
        when identities.requester_type in ('AssumedRole', 'Role') then 'role'
        when identities.requester_type = 'IAMUser' then 'user'
        when
            identities.requester_type in (
                'FederatedUser',
                'SAMLUser',
                'WebIdentityUser',
                'IdentityCenterUser',
                'Directory'
            )
            then 'federated'
        when identities.requester_type = 'AWSAccount' then 'account'
        else 'unknown'
    end as requester_kind,
    identities.requester_type,
    identities.requester_account_id,
    trusted.requester is not null as is_trusted,
    trusted.trusted_label,
    cast(requesters.request_count as bigint) as request_count,
    cast(requesters.denied_count as bigint) as denied_count,
    requesters.bucket_count,
    -- of milliseconds also where the counts are an Iceberg table
    cast(requesters.first_seen_at as timestamp) as first_seen_at,
    cast(requesters.last_seen_at as timestamp) as last_seen_at
from requesters
inner join identities
    on
        requesters.requester = identities.requester
        and identities.identity_rank = 1
left join trusted on requesters.requester = trusted.requester
