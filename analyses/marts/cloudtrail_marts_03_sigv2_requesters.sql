with

sigv2_requesters as (

    select * from {{ ref("fct_s3_sigv2_requesters") }}

)

select
    requester,
    request_count,
    header_request_count,
    presigned_request_count,
    last_seen_at,
    remedy
from sigv2_requesters
order by request_count desc, requester asc
