{%- set quiet_days = cloudtrail_s3.cloudtrail_var_integer(
    "cloudtrail_quiet_days"
) %}

with buckets as (

    select * from {{ ref("dim_s3_buckets") }}

),

requesters as (

    select * from {{ ref("dim_s3_requesters") }}

),

last_complete_day as (

    select max(calendar_date) as calendar_date
    from {{ ref("int_cloudtrail_days") }}

),

evidence as (

    select * from {{ ref("int_s3_evidence") }}

),

spaced as (

    select
        *,
        lag(event_date) over (
            partition by rule_id, bucket_name, requester, detail
            order by event_date
        ) as previous_date
    from evidence

),

findings as (

    select
        spaced.rule_id,
        spaced.rule_severity,
        spaced.rule_title,
        spaced.rule_source,
        spaced.bucket_name,
        spaced.requester,
        spaced.detail,
        max(spaced.remedy) as remedy,
        sum(spaced.request_count) as request_count,
        count(*) as day_count,
        min(spaced.first_seen_at) as first_seen_at,
        max(spaced.last_seen_at) as last_seen_at,
        max(
            {{ dbt.datediff(
                "spaced.previous_date", "spaced.event_date", "day"
            ) }} - 1
        ) as longest_pause,
        {{ cloudtrail_s3.cloudtrail_quiet_day_count(
            "max(spaced.event_date)",
            "max(last_complete_day.calendar_date)"
        ) }} as quiet_day_count
    from spaced
    cross join last_complete_day
    group by 1, 2, 3, 4, 5, 6, 7

)

select
    {{ cloudtrail_s3.cloudtrail_text_hash([
        "findings.rule_id",
        "findings.bucket_name",
        "findings.requester",
        "findings.detail",
    ]) }} as finding_id,
    findings.rule_id,
    findings.rule_severity as severity,
    findings.rule_title as title,
    case
        when findings.quiet_day_count >= {{ quiet_days }} then 'quiet'
        when findings.longest_pause >= {{ quiet_days }} then 'regressed'
        else 'open'
    end as status,
    findings.bucket_name,
    buckets.bucket_account_id,
    buckets.aws_region,
    findings.requester,
    requesters.requester_kind,
    requesters.requester_account_id,
    findings.detail,
    cast(findings.request_count as bigint) as request_count,
    cast(findings.day_count as bigint) as day_count,
    findings.first_seen_at,
    findings.last_seen_at,
    findings.quiet_day_count,
    findings.remedy,
    findings.rule_source as source_url
from findings
left join buckets on findings.bucket_name = buckets.bucket_name
left join requesters on findings.requester = requesters.requester
