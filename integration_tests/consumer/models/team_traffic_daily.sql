with traffic as (

    select * from {{ ref("bucket_traffic_daily") }}

),

owners as (

    select * from {{ ref("bucket_owners") }}

)

select
    coalesce(owners.team, 'unknown') as team,
    traffic.event_date,
    sum(traffic.request_count) as request_count,
    sum(traffic.bytes_out) as bytes_out
from traffic
left join owners on traffic.bucket_name = owners.bucket_name
group by 1, 2
