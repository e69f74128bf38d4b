{{ config(
    pre_hook="{{ cloudtrail_s3.cloudtrail_choose_files(
        'int_cloudtrail_files_to_read'
    ) }}",
    post_hook="{{ cloudtrail_s3.cloudtrail_forget_files() }}",
) }}

{%- set days = cloudtrail_s3.cloudtrail_column_values(
    ref("int_cloudtrail_files_to_read"), "log_date"
) %}
{#- The S3 requests of the days that this run reads, in the fact's columns;
    nothing is left out as duplicate or unplaceable yet. #}

with records as (

    select *
    from {{ ref("stg_cloudtrail__records") }}
    where
        is_s3_request
        and {{ cloudtrail_s3.cloudtrail_log_date_predicate(days) }}

),

event_catalogue as (

    select * from {{ ref("cloudtrail_event_catalogue") }}

),

named as (

    select
        records.*,
        event_catalogue.operation_class as catalogue_operation_class,
        event_catalogue.resource_level as catalogue_resource_level,
        event_catalogue.event_category as catalogue_event_category,
        event_catalogue.is_read_only as catalogue_is_read_only,
        {{ cloudtrail_s3.cloudtrail_bucket_name() }} as bucket_name,
        {{ cloudtrail_s3.cloudtrail_object_key() }} as object_key,
        {{ cloudtrail_s3.cloudtrail_bare_user_agent("logged_user_agent") }}
            as user_agent,
        coalesce(
            lower(records.identity_account_id) in (
                'anonymous', 'anonymous_principal'
            )
            or records.principal_id = 'ANONYMOUS_PRINCIPAL',
            false
        ) as has_anonymous_identity,
        coalesce(
            records.logged_tls_version is not null
            or records.logged_cipher_suite is not null
            or records.logged_host_header is not null,
            false
        ) as has_tls_details,
        coalesce(
            records.logged_cipher_suite,
            records.additional_cipher_suite,
            records.additional_lower_cipher_suite
        ) as cipher_suite
    from records
    left join event_catalogue
        on records.event_name = event_catalogue.event_name

),

matched as (

    select
        *,
        {{ cloudtrail_s3.cloudtrail_client("user_agent") }} as client
    from named

)

select
    ---------- the request
    request_key,
    event_id,
    shared_event_id,
    request_id,
    event_at,
    event_source,
    coalesce(event_name, 'unknown') as event_name,
    {{ cloudtrail_s3.cloudtrail_event_category() }} as event_category,
    {{ cloudtrail_s3.cloudtrail_operation_class() }} as operation_class,
    {{ cloudtrail_s3.cloudtrail_resource_level() }} as resource_level,
    event_type,
    event_version,

    ---------- where
    aws_region,
    coalesce(recipient_account_id, log_account_id) as account_id,
    bucket_name,
    bucket_account_id,
    object_key,
    version_id,

    ---------- who
    {{ cloudtrail_s3.cloudtrail_requester() }} as requester,
    identity_type as requester_type,
    {{ cloudtrail_s3.cloudtrail_account_number("identity_account_id") }}
        as requester_account_id,
    user_arn,
    principal_id,
    access_key_id,
    invoked_by,
    has_anonymous_identity
    and coalesce(event_name, '') != 'PreflightRequest' as is_anonymous,
    coalesce(identity_type, 'AWSService') = 'AWSService'
    and (identity_type is not null or invoked_by is not null)
        as is_aws_service,
    coalesce(
        {{ cloudtrail_s3.cloudtrail_account_number("identity_account_id") }}
        != {{ cloudtrail_s3.cloudtrail_account_number("bucket_account_id") }},
        false
    ) as is_cross_account,
    coalesce(
        event_name = 'DeleteObject' and event_type = 'AwsServiceEvent', false
    ) as is_companion,
    source_ip_address,
    user_agent,
    split_part(client, '|', 2) as client_name,
    {{ cloudtrail_s3.cloudtrail_client_version("client") }} as client_version,

    ---------- how
    case lower(logged_signature_version)
        when 'sigv2' then 'SigV2'
        when 'sigv4' then 'SigV4'
        else logged_signature_version
    end as signature_version,
    authentication_method,
    coalesce(authentication_method = 'QueryString', false) as is_presigned,
    case
        when {{ cloudtrail_s3.cloudtrail_regexp_like(
            "logged_tls_version", "^[0-9]"
        ) }}
            then 'TLSv' || logged_tls_version
        else logged_tls_version
    end as tls_version,
    cipher_suite,
    coalesce(
        logged_host_header,
        parameter_host,
        parameter_first_host,
        parameter_lower_host,
        parameter_first_lower_host
    ) as host_header,
    case
        when logged_tls_version is not null or cipher_suite is not null
            then true
        when
            invoked_by is null
            and (
                has_tls_details
                or logged_signature_version is not null
                or logged_bytes_in is not null
                or logged_bytes_out is not null
            )
            then false
    end as is_secure_transport,
    coalesce(lower(acl_required) = 'yes', false) as is_acl_required,
    {{ cloudtrail_s3.cloudtrail_byte_count("logged_bytes_in") }} as bytes_in,
    {{ cloudtrail_s3.cloudtrail_byte_count("logged_bytes_out") }}
        as bytes_out,
    encryption_applied,

    ---------- what came of it
    error_code,
    error_message,
    coalesce(
        error_code like '%AccessDenied%'
        or error_code in (
            'AllAccessDisabled',
            'UnauthorizedAccess',
            'UnauthorizedOperation',
            'Forbidden'
        ),
        false
    ) as is_denied,
    case lower(read_only)
        when 'true' then true
        when 'false' then false
        else catalogue_is_read_only
    end as is_read_only,
    coalesce(logged_vpc_endpoint_id, additional_vpc_endpoint_id)
        as vpc_endpoint_id,
    request_parameters,
    additional_event_data,
    addendum_reason,
    log_file,
    cast(event_at as date) as event_date,
    log_date
from matched
