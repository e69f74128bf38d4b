{%- set bucketname = cloudtrail_s3.cloudtrail_json_text(
    "requestparameters", ["bucketName"]
) -%}

with

events as (

    select * from {{ ref("stg_cloudtrail__events") }}

)

select
    {{ bucketname }} as bucketname,
    useridentity.arn as userarn,
    sourceipaddress,
    count(*) as requestcount,
    min(eventtime) as firsteventtime,
    max(eventtime) as lasteventtime
from events
where
    eventname in ('PutObject', 'GetObject')
    and {{ cloudtrail_s3.cloudtrail_analysis_bucket(bucketname) }}
group by 1, 2, 3
having {{ cloudtrail_s3.cloudtrail_analysis_times("min(eventtime)") }}
order by requestcount, bucketname, userarn, sourceipaddress
