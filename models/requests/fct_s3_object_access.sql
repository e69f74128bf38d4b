{{ config(materialized="view") }}

with requests as (

    select * from {{ ref("fct_s3_requests") }}

)

select
    request_key,
    event_at,
    event_source,
    event_name,
    operation_class,
    account_id,
    aws_region,
    source_ip_address,
    user_agent,
    bucket_name,
    object_key,
    version_id,
    requester,
    user_arn,
    error_code,
    is_denied,
    is_anonymous,
    is_companion,
    bytes_in,
    bytes_out,
    event_date
from requests
where resource_level = 'object' and event_name != 'PreflightRequest'
