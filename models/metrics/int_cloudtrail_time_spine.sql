with calendar as (

    select calendar_date from {{ ref("int_cloudtrail_days") }}

),

activity as (

    -- days after the last complete one, and those that a record has made up
    select event_date from {{ ref("fct_s3_activity_daily") }}

)

select calendar_date from calendar
union distinct
select event_date as calendar_date from activity
