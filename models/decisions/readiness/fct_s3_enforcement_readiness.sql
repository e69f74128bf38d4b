{#- Each control: which requests it breaks, and which data events show that the
    log would tell of them, as SQL over the activity. Requests that need ACLs
    are counted apart, because their headers are read. That a request needed one
    is logged since about the time of TLS versions: where those are, this is.
    Who asked makes no difference: a policy that denies everybody denies AWS
    services too, where the log shows that they ask in the old way. -#}
{%- set controls = {
    "deny_sigv2": {
        "breaks": "signature_version = 'SigV2'",
        "shows": "signature_version is not null and not is_anonymous",
    },
    "block_public_access": {
        "breaks": "is_anonymous",
        "shows": "true",
    },
    "disable_acls": {
        "breaks": "false",
        "shows": "tls_version is not null",
    },
    "require_tls_1_2": {
        "breaks": cloudtrail_s3.cloudtrail_is_old_tls("tls_version"),
        "shows": "tls_version is not null",
    },
    "require_https": {
        "breaks": "not is_secure_transport",
        "shows": "is_secure_transport is not null",
    },
} %}
{#- Of a copy that would break, the row may say something else. -#}
{%- set proofs = {} %}
{%- for control, rules in controls.items() %}
    {%- do proofs.update({
        control: rules["shows"] ~ " and not (is_copy and coalesce("
            ~ rules["breaks"] ~ ", false))",
    }) %}
{%- endfor %}
{%- set quiet_days = cloudtrail_s3.cloudtrail_var_integer(
    "cloudtrail_quiet_days"
) %}
{%- set min_covered_days = cloudtrail_s3.cloudtrail_var_integer(
    "cloudtrail_min_covered_days"
) %}

with activity as (

    select * from {{ ref("fct_s3_activity_daily") }}

),

acl_use as (

    select *
    from {{ ref("int_s3_acl_use_daily") }}
    where
        bucket_name is not null
        and request_count > denied_count

),

owner_copies as (

    select * from {{ ref("int_s3_owner_copies") }}

),

buckets as (

    select * from {{ ref("dim_s3_buckets") }}

),

log_files as (

    select * from {{ ref("fct_cloudtrail_log_files") }}

),

last_complete_day as (

    -- without any, as where all events are said to be of the future, none is
    select coalesce(max(calendar_date), date '1970-01-01') as last_day
    from {{ ref("int_cloudtrail_days") }}

),

controls as (

    {%- for control in controls %}
    select '{{ control }}' as control
    {{ "union all" if not loop.last }}
    {%- endfor %}

),

broken as (

    select
        controls.control,
        activity.bucket_name,
        activity.requester,
        activity.event_date,
        activity.request_count,
        activity.first_seen_at,
        activity.last_seen_at
    from activity
    cross join controls
    where
        activity.bucket_name is not null
        and not activity.is_denied
        and case controls.control
            {%- for control, rules in controls.items() %}
            when '{{ control }}' then {{ rules["breaks"] }}
            {%- endfor %}
        end
    union all
    select
        'disable_acls' as control,
        bucket_name,
        requester,
        event_date,
        request_count - denied_count as request_count,
        first_seen_at,
        last_seen_at
    from acl_use
    union all
    -- Block Public Access refuses to set a public ACL, whoever asks
    select
        'block_public_access' as control,
        bucket_name,
        requester,
        event_date,
        request_count - denied_count as request_count,
        first_seen_at,
        last_seen_at
    from acl_use
    where
        canned_acl in ('public-read', 'public-read-write', 'authenticated-read')
        and not is_anonymous

),

broken_by_day as (

    select
        broken.control,
        broken.bucket_name,
        broken.requester,
        broken.event_date,
        {{ dbt.datediff(
            "broken.event_date", "last_complete_day.last_day", "day"
        ) }} as days_ago,
        sum(broken.request_count) as request_count,
        min(broken.first_seen_at) as first_seen_at,
        max(broken.last_seen_at) as last_seen_at
    from broken
    cross join last_complete_day
    group by 1, 2, 3, 4, 5

),

requesters as (

    select
        control,
        bucket_name,
        requester,
        sum(request_count) as request_count,
        row_number() over (
            partition by control, bucket_name
            order by sum(request_count) desc, requester asc
        ) as requester_rank
    from broken_by_day
    where days_ago < {{ quiet_days }}
    group by 1, 2, 3

),

offenders as (

    select
        control,
        bucket_name,
        sum(request_count) as request_count,
        count(*) as requester_count,
        max(case when requester_rank = 1 then requester end) as top_requester,
        max(case when requester_rank = 1 then request_count end)
            as top_requester_request_count
    from requesters
    group by 1, 2

),

broken_days as (

    select
        control,
        bucket_name,
        event_date,
        days_ago,
        sum(request_count) as request_count,
        min(first_seen_at) as first_seen_at,
        max(last_seen_at) as last_seen_at,
        lag(days_ago) over (
            partition by control, bucket_name
            order by event_date
        ) - days_ago - 1 as quiet_day_count
    from broken_by_day
    group by 1, 2, 3, 4

),

histories as (

    select
        control,
        bucket_name,
        sum(request_count) as request_count,
        min(first_seen_at) as first_breaking_at,
        max(last_seen_at) as last_breaking_at,
        min(days_ago) as days_ago,
        coalesce(max(quiet_day_count) >= {{ quiet_days }}, false)
            as was_quiet
    from broken_days
    group by 1, 2

),

delivered as (

    {{ cloudtrail_s3.cloudtrail_data_events("activity", "owner_copies") }}

),

deliveries as (

    -- a trail delivers for an account: whether others' did tells nothing
    select
        account_id,
        event_date as delivery_date
    from activity
    where account_id is not null
    union distinct
    select
        account_id,
        event_date as delivery_date
    from owner_copies
    union distinct
    select
        account_id,
        log_date as delivery_date
    from log_files
    where
        account_id is not null
        and s3_record_count > 0

),

delivered_days as (

    select
        account_id,
        delivery_date,
        row_number() over (
            partition by account_id
            order by delivery_date
        ) as day_number
    from deliveries

),

data_events as (

    -- on complete days; in the log of a caller's account stand its own only
    select delivered.*
    from delivered
    cross join last_complete_day
    where delivered.event_date <= last_complete_day.last_day

),

logged_kinds as (

    -- a trail may be set to log reads or writes alone
    select
        account_id,
        max(case when operation_class in ('read', 'list') then 1 else 0 end)
            as read_count,
        max(case when operation_class in ('write', 'delete') then 1 else 0 end)
            as write_count
    from data_events
    group by 1

),

evidence as (

    select
        controls.control,
        buckets.bucket_name,
        buckets.bucket_account_id,
        min(
            case controls.control
                {%- for control in controls %}
                when '{{ control }}'
                    then case
                        when {{ proofs[control] }} then data_events.event_date
                    end
                {%- endfor %}
            end
        ) as first_day,
        max(
            case controls.control
                {%- for control in controls %}
                when '{{ control }}'
                    then case
                        when {{ proofs[control] }} then data_events.event_date
                    end
                {%- endfor %}
            end
        ) as last_day
    from data_events
    inner join buckets
        on
            data_events.bucket_name = buckets.bucket_name
            and data_events.account_id = buckets.bucket_account_id
    cross join controls
    group by 1, 2, 3

),

covered as (

    select
        evidence.control,
        evidence.bucket_name,
        logged_kinds.read_count > 0 as has_reads,
        logged_kinds.write_count > 0 as has_writes,
        {{ dbt.datediff(
            "evidence.last_day", "last_complete_day.last_day", "day"
        ) }} as days_ago,
        last_days.day_number - first_days.day_number + 1 as day_count
    from evidence
    cross join last_complete_day
    inner join logged_kinds
        on evidence.bucket_account_id = logged_kinds.account_id
    left join delivered_days as first_days
        on
            evidence.bucket_account_id = first_days.account_id
            and evidence.first_day = first_days.delivery_date
    left join delivered_days as last_days
        on
            evidence.bucket_account_id = last_days.account_id
            and evidence.last_day = last_days.delivery_date

),

judged as (

    select
        buckets.bucket_name,
        buckets.aws_region,
        buckets.bucket_account_id,
        controls.control,
        offenders.top_requester,
        offenders.top_requester_request_count,
        histories.first_breaking_at,
        histories.last_breaking_at,
        histories.days_ago,
        coalesce(offenders.request_count, 0) as breaking_request_count,
        coalesce(offenders.requester_count, 0) as breaking_requester_count,
        coalesce(histories.request_count, 0) as breaking_total_request_count,
        coalesce(covered.day_count, 0) as covered_day_count,
        case
            when histories.bucket_name is null then 'never_seen'
            when offenders.bucket_name is null then 'quiet'
            when histories.was_quiet then 'regressed'
            else 'open'
        end as status,
        case
            when offenders.bucket_name is not null then 'breaking_requests'
            when buckets.bucket_account_id is null then 'owner_not_logged'
            when covered.bucket_name is null then 'no_data_events'
            when covered.day_count is null then 'attribute_not_logged'
            when not covered.has_reads then 'reads_not_logged'
            when not covered.has_writes then 'writes_not_logged'
            when covered.days_ago >= {{ quiet_days }} then 'data_events_stopped'
            when covered.day_count < {{ min_covered_days }} then 'too_few_days'
        end as obstacle
    from buckets
    cross join controls
    left join histories
        on
            buckets.bucket_name = histories.bucket_name
            and controls.control = histories.control
    left join offenders
        on
            buckets.bucket_name = offenders.bucket_name
            and controls.control = offenders.control
    left join covered
        on
            buckets.bucket_name = covered.bucket_name
            and controls.control = covered.control

)

select
    bucket_name,
    control,
    case
        when obstacle = 'breaking_requests' then 'not_ready'
        when obstacle is not null then 'unknown'
        else 'ready'
    end as verdict,
    coalesce(obstacle, status) as verdict_reason,
    status,
    cast(breaking_request_count as bigint) as breaking_request_count,
    cast(breaking_requester_count as bigint) as breaking_requester_count,
    cast(breaking_total_request_count as bigint)
        as breaking_total_request_count,
    -- of milliseconds also where the activity is an Iceberg table
    cast(first_breaking_at as timestamp) as first_breaking_at,
    cast(last_breaking_at as timestamp) as last_breaking_at,
    top_requester,
    cast(top_requester_request_count as bigint)
        as top_requester_request_count,
    cast(covered_day_count as bigint) as covered_day_count,
    cast(case when days_ago < 0 then 0 else days_ago end as bigint)
        as quiet_day_count,
    aws_region,
    bucket_account_id
from judged
