with events as (

    select * from {{ ref("stg_cloudtrail__events") }}

),

opened as (

    -- one look into each JSON text for all that is asked of it
    select
        *,
        {{ cloudtrail_s3.cloudtrail_json_texts("requestparameters", [
            '"bucketName"',
            '"bucket"',
            '"key"',
            '"Key"',
            '"versionId"',
            '"Host"',
            '"Host"[0]',
            '"host"',
            '"host"[0]',
        ]) }} as parameters,
        {{ cloudtrail_s3.cloudtrail_json_texts("additionaleventdata", [
            '"SignatureVersion"',
            '"AuthenticationMethod"',
            '"CipherSuite"',
            '"cipherSuite"',
            '"bytesTransferredIn"',
            '"bytesTransferredOut"',
            '"aclRequired"',
            '"SSEApplied"',
            '"vpcEndpointId"',
        ]) }} as additional_data,
        {{ cloudtrail_s3.cloudtrail_resource(
            "resources",
            cloudtrail_s3.cloudtrail_bucket_types(),
            "[^:/]$",
            "arn"
        ) }} as bucket_arn,
        {{ cloudtrail_s3.cloudtrail_resource(
            "resources",
            cloudtrail_s3.cloudtrail_bucket_types(),
            "[^:/]$",
            "accountid"
        ) }} as bucket_account_id,
        {{ cloudtrail_s3.cloudtrail_resource(
            "resources", ["AWS::S3::Object"], ".", "arn"
        ) }} as object_arn
    from events

),

records as (

    select
        ---------- the event
        nullif(eventid, '') as event_id,
        nullif(sharedeventid, '') as shared_event_id,
        nullif(requestid, '') as request_id,
        {{ cloudtrail_s3.cloudtrail_request_key(
            "sharedeventid",
            "addendum.reason",
            "addendum.originaleventid",
            "eventid"
        ) }} as request_key,
        {{ cloudtrail_s3.cloudtrail_timestamp("eventtime") }} as event_at,
        nullif(eventsource, '') as event_source,
        nullif(eventname, '') as event_name,
        nullif(eventcategory, '') as event_category,
        nullif(managementevent, '') as management_event,
        nullif(eventtype, '') as event_type,
        nullif(eventversion, '') as event_version,
        nullif(awsregion, '') as aws_region,
        nullif(recipientaccountid, '') as recipient_account_id,
        nullif(addendum.reason, '') as addendum_reason,
        nullif(readonly, '') as read_only,
        nullif(errorcode, '') as error_code,
        nullif(errormessage, '') as error_message,

        ---------- who asked
        nullif(useridentity.type, '') as identity_type,
        nullif(useridentity.principalid, '') as principal_id,
        nullif(useridentity.arn, '') as user_arn,
        nullif(useridentity.accountid, '') as identity_account_id,
        nullif(useridentity.invokedby, '') as invoked_by,
        nullif(useridentity.accesskeyid, '') as access_key_id,
        nullif(useridentity.sessioncontext.sessionissuer.arn, '')
            as session_issuer_arn,
        nullif(useridentity.onbehalfof.userid, '') as on_behalf_of_user_id,
        nullif(sourceipaddress, '') as source_ip_address,
        nullif(useragent, '') as logged_user_agent,
        nullif(vpcendpointid, '') as logged_vpc_endpoint_id,

        ---------- what was asked
        requestparameters as request_parameters,
        additionaleventdata as additional_event_data,
        bucket_arn,
        bucket_account_id,
        object_arn,
        {%- for name in [
            "parameter_bucket_name",
            "parameter_bucket",
            "parameter_key",
            "parameter_outposts_key",
            "version_id",
            "parameter_host",
            "parameter_first_host",
            "parameter_lower_host",
            "parameter_first_lower_host",
        ] %}
        {{ cloudtrail_s3.cloudtrail_json_item("parameters", loop.index) }}
            as {{ name }},
        {%- endfor %}

        ---------- how it was asked
        {%- for name in [
            "logged_signature_version",
            "authentication_method",
            "additional_cipher_suite",
            "additional_lower_cipher_suite",
            "logged_bytes_in",
            "logged_bytes_out",
            "acl_required",
            "encryption_applied",
            "additional_vpc_endpoint_id",
        ] %}
        {{ cloudtrail_s3.cloudtrail_json_item(
            "additional_data", loop.index
        ) }} as {{ name }},
        {%- endfor %}
        nullif(tlsdetails.tlsversion, '') as logged_tls_version,
        nullif(tlsdetails.ciphersuite, '') as logged_cipher_suite,
        nullif(tlsdetails.clientprovidedhostheader, '') as logged_host_header,

        ---------- the file
        {%- for column in cloudtrail_s3.cloudtrail_source_partitions() %}
        {{ column }},
        {%- endfor %}
        log_file,
        log_date,
        log_account_id,
        log_region
    from opened

)

select
    *,
    {{ cloudtrail_s3.cloudtrail_is_s3_request(
        "event_source", "event_category"
    ) }} as is_s3_request
from records
{%- set excluded_buckets = cloudtrail_s3.cloudtrail_var_list(
    "cloudtrail_excluded_buckets"
) %}
{%- if excluded_buckets %}
where
    coalesce({{ cloudtrail_s3.cloudtrail_bucket_name() }}, '') not in (
        {{ cloudtrail_s3.cloudtrail_literals(excluded_buckets) }}
    )
{%- endif %}
