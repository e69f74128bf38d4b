{%- set quiet_days = cloudtrail_s3.cloudtrail_var_integer(
    "cloudtrail_quiet_days"
) %}

with acl_use as (

    select *
    from {{ ref("int_s3_acl_use_daily") }}

),

days as (

    select max(calendar_date) as last_day
    from {{ ref("int_cloudtrail_days") }}

),

buckets as (

    select * from {{ ref("dim_s3_buckets") }}

),

actions as (

    select * from {{ ref("cloudtrail_acl_actions") }}

),

used_acls as (

    select
        bucket_name,
        key_prefix,
        requester,
        event_name,
        acl_use,
        canned_acl,
        bool_or(is_anonymous) as is_anonymous,
        bool_or(is_aws_service) as is_aws_service,
        bool_or(is_cross_account) as is_cross_account,
        min(invoked_by) as invoked_by,
        sum(request_count) as request_count,
        sum(denied_count) as denied_count,
        -- of the days on which a request was let in
        min(case
            when request_count > denied_count then first_seen_at
        end) as first_seen_at,
        max(case
            when request_count > denied_count then last_seen_at
        end) as last_seen_at,
        max(case
            when request_count > denied_count then event_date
        end) as last_day
    from acl_use
    group by 1, 2, 3, 4, 5, 6

),

ranked as (

    select
        *,
        row_number() over (
            partition by
                bucket_name, key_prefix, requester, event_name, acl_use
            order by
                request_count - denied_count desc,
                canned_acl asc nulls last
        ) as acl_rank
    from used_acls

),

uses as (

    select
        bucket_name,
        key_prefix,
        requester,
        event_name,
        acl_use,
        max(case when acl_rank = 1 then canned_acl end) as canned_acl,
        bool_or(is_anonymous) as is_anonymous,
        bool_or(is_aws_service) as is_aws_service,
        bool_or(is_cross_account) as is_cross_account,
        min(invoked_by) as invoked_by,
        cast(sum(request_count) as bigint) as request_count,
        cast(sum(denied_count) as bigint) as denied_count,
        min(first_seen_at) as first_seen_at,
        max(last_seen_at) as last_seen_at,
        max(last_day) as last_day
    from ranked
    group by 1, 2, 3, 4, 5
    having sum(request_count) > sum(denied_count)

),

described as (

    select
        uses.*,
        buckets.bucket_account_id,
        buckets.aws_region,
        {{ cloudtrail_s3.cloudtrail_quiet_day_count(
            "uses.last_day", "days.last_day"
        ) }} as quiet_day_count,
        {{ cloudtrail_s3.cloudtrail_aws_partition("buckets.aws_region") }}
            as partition_name,
        {{ cloudtrail_s3.cloudtrail_acl_principal_kind() }} as principal_kind,
        -- a call that sets an ACL, or sends one, has to stop
        case when uses.acl_use = 'acl_required' then actions.policy_action end
            as policy_action,
        actions.resource_form
    from uses
    cross join days
    left join buckets on uses.bucket_name = buckets.bucket_name
    left join actions on uses.event_name = actions.event_name

),

named as (

    select
        *,
        {{ cloudtrail_s3.cloudtrail_acl_principal() }} as principal,
        'arn:' || partition_name || ':s3:::'
        || {{ cloudtrail_s3.cloudtrail_policy_literal("bucket_name") }}
        || case
            when resource_form = 'object'
                then '/' || {{ cloudtrail_s3.cloudtrail_policy_literal(
                    "coalesce(key_prefix, '')"
                ) }} || '*'
            else ''
        end as resource_arn,
        case
            when {{ cloudtrail_s3.cloudtrail_is_log_delivery() }}
                then bucket_account_id
        end as source_account_id
    from described

)

select
    bucket_name,
    key_prefix,
    requester,
    event_name,
    acl_use,
    canned_acl,
    is_anonymous,
    is_aws_service,
    is_cross_account,
    bucket_account_id,
    aws_region,
    request_count,
    denied_count,
    -- of milliseconds also where the counts are an Iceberg table
    cast(first_seen_at as timestamp) as first_seen_at,
    cast(last_seen_at as timestamp) as last_seen_at,
    quiet_day_count,
    quiet_day_count >= {{ quiet_days }} as is_quiet,
    {{ cloudtrail_s3.cloudtrail_acl_policy_statement() }} as policy_statement,
    {{ cloudtrail_s3.cloudtrail_acl_advice() }} as advice
from named
