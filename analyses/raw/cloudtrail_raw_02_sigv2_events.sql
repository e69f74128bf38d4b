{%- set signatureversion = cloudtrail_s3.cloudtrail_json_text(
    "additionaleventdata", ["SignatureVersion"]
) -%}

with

events as (

    select * from {{ ref("stg_cloudtrail__events") }}

)

select
    eventtime,
    eventname as s3_action,
    requestparameters as request_parameters,
    awsregion as aws_region,
    sourceipaddress as source_ip,
    useragent as user_agent,
    useridentity.arn as userarn,
    eventid,
    sharedeventid
from events
where
    eventsource = 's3.amazonaws.com'
    and {{ signatureversion }} = 'SigV2'
    and {{ cloudtrail_s3.cloudtrail_analysis_times("eventtime") }}
order by eventtime, eventid
