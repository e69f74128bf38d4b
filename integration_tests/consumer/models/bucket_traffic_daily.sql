{{ config(materialized="view") }}

with activity as (

    select * from {{ ref("cloudtrail_s3", "fct_s3_activity_daily") }}

)

select
    bucket_name,
    event_date,
    sum(request_count) as request_count,
    sum(bytes_out) as bytes_out
from activity
group by 1, 2
