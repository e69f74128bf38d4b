{{ cloudtrail_s3.cloudtrail_prepare_run() }}

with events as (

    {{ cloudtrail_s3.cloudtrail_open_envelope(
        source("cloudtrail", "events")
    ) }}

)

select * from events
