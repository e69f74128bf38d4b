with

object_access as (

    select * from {{ ref("fct_s3_object_access") }}

)

select
    bucket_name,
    requester,
    source_ip_address,
    count(*) as request_count,
    sum(case when is_denied then 1 else 0 end) as denied_count,
    min(event_at) as first_seen_at,
    max(event_at) as last_seen_at
from object_access
where
    event_name in ('PutObject', 'GetObject')
    and {{ cloudtrail_s3.cloudtrail_analysis_bucket("bucket_name") }}
group by 1, 2, 3
having {{ cloudtrail_s3.cloudtrail_analysis_days("min(event_date)") }}
order by request_count, bucket_name, requester, source_ip_address
