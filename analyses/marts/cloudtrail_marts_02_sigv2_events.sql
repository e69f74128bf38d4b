with

sigv2_requests as (

    select * from {{ ref("fct_s3_sigv2_requests") }}

)

select
    event_at,
    event_name,
    request_parameters,
    aws_region,
    source_ip_address,
    user_agent,
    requester,
    user_arn,
    authentication_method,
    request_key
from sigv2_requests
where {{ cloudtrail_s3.cloudtrail_analysis_days("event_date") }}
order by event_at, request_key
