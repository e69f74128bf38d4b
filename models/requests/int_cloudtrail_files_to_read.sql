{{ config(
    post_hook="{{ cloudtrail_s3.cloudtrail_forget_rows_of_run() }}",
) }}

-- depends_on: {{ ref("stg_cloudtrail__events") }}
{%- do cloudtrail_s3.cloudtrail_check_selection() %}
{{ cloudtrail_s3.cloudtrail_files_to_read() }}
