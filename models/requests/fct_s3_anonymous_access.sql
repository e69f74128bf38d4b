{{ config(materialized="view") }}

with requests as (

    select * from {{ ref("fct_s3_requests") }}

)

select
    request_key,
    event_at,
    event_name,
    operation_class,
    account_id,
    aws_region,
    source_ip_address,
    user_agent,
    bucket_name,
    object_key,
    user_arn,
    principal_id,
    error_code,
    is_denied,
    bytes_out,
    event_date
from requests
where is_anonymous
