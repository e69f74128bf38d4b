with

requests as (

    select * from {{ ref("fct_s3_requests") }}

)

select
    event_at,
    event_source,
    event_name,
    aws_region,
    source_ip_address,
    user_agent,
    requester,
    user_arn,
    error_code,
    request_parameters,
    additional_event_data,
    event_id,
    request_key
from requests
where
    event_source = 's3.amazonaws.com'
    and {{ cloudtrail_s3.cloudtrail_analysis_days("event_date") }}
order by event_at, event_id
limit 10
