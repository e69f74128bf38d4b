-- depends_on: {{ ref("int_cloudtrail_file_days") }}
{%- set batch = ref("int_s3_batch") %}
{%- do cloudtrail_s3.cloudtrail_check_batch(batch) %}

with records as (

    select * from {{ batch }}

)

select
    account_id,
    aws_region,
    bucket_name,
    bucket_account_id,
    operation_class,
    signature_version,
    tls_version,
    is_secure_transport,
    min(event_at) as first_seen_at,
    max(event_at) as last_seen_at,
    log_file,
    event_date,
    log_date
from records
where
    event_at is not null
    and request_key is not null
    and event_category = 'Data'
    and bucket_name is not null
    and requester_account_id != account_id
    and not is_anonymous
    and not is_companion
group by 1, 2, 3, 4, 5, 6, 7, 8, 11, 12, 13
