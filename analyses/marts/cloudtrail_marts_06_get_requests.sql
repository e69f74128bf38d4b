with

object_access as (

    select * from {{ ref("fct_s3_object_access") }}

)

select
    event_at,
    event_name,
    event_source,
    source_ip_address,
    user_agent,
    bucket_name,
    object_key,
    requester,
    user_arn,
    request_key
from object_access
where
    event_name = 'GetObject'
    and {{ cloudtrail_s3.cloudtrail_analysis_days("event_date") }}
    and {{ cloudtrail_s3.cloudtrail_analysis_bucket("bucket_name") }}
order by event_at, request_key
