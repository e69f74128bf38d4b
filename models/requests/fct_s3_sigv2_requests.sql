{{ config(materialized="view") }}

with requests as (

    select * from {{ ref("fct_s3_requests") }}

)

select
    request_key,
    event_at,
    event_name,
    bucket_name,
    object_key,
    request_parameters,
    account_id,
    aws_region,
    source_ip_address,
    user_agent,
    requester,
    user_arn,
    access_key_id,
    authentication_method,
    is_presigned,
    is_companion,
    client_name,
    client_version,
    error_code,
    event_date
from requests
where signature_version = 'SigV2'
