with

sigv2_requests as (

    select * from {{ ref("fct_s3_sigv2_requests") }}

)

select
    requester,
    count(*) as request_count
from sigv2_requests
where {{ cloudtrail_s3.cloudtrail_analysis_days("event_date") }}
group by 1
order by request_count desc, requester asc
