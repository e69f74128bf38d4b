with

events as (

    select * from {{ ref("stg_cloudtrail__events") }}

)

select
    eventtime,
    eventsource,
    eventname,
    awsregion,
    sourceipaddress,
    useragent,
    useridentity.arn as userarn,
    errorcode,
    requestparameters,
    additionaleventdata,
    eventid,
    sharedeventid
from events
where
    eventsource = 's3.amazonaws.com'
    and {{ cloudtrail_s3.cloudtrail_analysis_times("eventtime") }}
order by eventtime, eventid
limit 10
