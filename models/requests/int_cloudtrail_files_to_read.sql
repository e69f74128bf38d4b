-- depends_on: {{ ref("stg_cloudtrail__events") }}
{{ cloudtrail_s3.cloudtrail_files_to_read() }}
