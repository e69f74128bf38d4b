{%- set bucketname = cloudtrail_s3.cloudtrail_json_text(
    "requestparameters", ["bucketName"]
) -%}
{%- set objectkey = cloudtrail_s3.cloudtrail_json_text(
    "requestparameters", ["key"]
) -%}

with

events as (

    select * from {{ ref("stg_cloudtrail__events") }}

)

select
    eventtime,
    eventname,
    eventsource,
    sourceipaddress,
    useragent,
    {{ bucketname }} as bucketname,
    {{ objectkey }} as objectkey,
    useridentity.arn as userarn,
    eventid,
    sharedeventid
from events
where
    eventname = 'PutObject'
    and {{ cloudtrail_s3.cloudtrail_analysis_times("eventtime") }}
    and {{ cloudtrail_s3.cloudtrail_analysis_bucket(bucketname) }}
order by eventtime, eventid
