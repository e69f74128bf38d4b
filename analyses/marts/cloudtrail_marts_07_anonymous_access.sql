with

anonymous_access as (

    select * from {{ ref("fct_s3_anonymous_access") }}

)

select
    event_at,
    event_name,
    source_ip_address,
    user_agent,
    bucket_name,
    object_key,
    is_denied,
    request_key
from anonymous_access
where
    {{ cloudtrail_s3.cloudtrail_analysis_days("event_date") }}
    and {{ cloudtrail_s3.cloudtrail_analysis_bucket("bucket_name") }}
order by event_at, request_key
