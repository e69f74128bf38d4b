{{ config(post_hook="{{ cloudtrail_s3.cloudtrail_check_unchanged() }}") }}

{{ cloudtrail_s3.cloudtrail_files_read(
    ref("int_cloudtrail_files_to_read"), ref("int_cloudtrail_file_days")
) }}
