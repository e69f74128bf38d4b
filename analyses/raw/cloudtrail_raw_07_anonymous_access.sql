{%- set bucketname = cloudtrail_s3.cloudtrail_json_text(
    "requestparameters", ["bucketName"]
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
    useridentity.arn as userarn,
    useridentity.accountid as useraccountid,
    eventid,
    sharedeventid
from events
where
    useridentity.accountid = 'anonymous'
    and {{ cloudtrail_s3.cloudtrail_analysis_times("eventtime") }}
    and {{ cloudtrail_s3.cloudtrail_analysis_bucket(bucketname) }}
order by eventtime, eventid
