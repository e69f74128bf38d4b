{%- set signatureversion = cloudtrail_s3.cloudtrail_json_text(
    "additionaleventdata", ["SignatureVersion"]
) -%}

with

events as (

    select * from {{ ref("stg_cloudtrail__events") }}

)

select
    useridentity.arn as userarn,
    count(requestid) as requestcount
from events
where
    eventsource = 's3.amazonaws.com'
    and {{ signatureversion }} = 'SigV2'
    and {{ cloudtrail_s3.cloudtrail_analysis_log_days() }}
group by 1
order by requestcount desc, userarn asc
