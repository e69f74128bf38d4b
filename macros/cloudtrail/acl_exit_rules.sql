{#- How a bucket policy replaces an ACL, as SQL over the columns of the model
    fct_s3_acl_exit. -#}

{% macro cloudtrail_aws_partition(region) -%}
    case
        when {{ region }} like 'cn-%' then 'aws-cn'
        when {{ region }} like 'us-gov-%' then 'aws-us-gov'
        when {{ region }} like 'us-iso-%' then 'aws-iso'
        when {{ region }} like 'us-isob-%' then 'aws-iso-b'
        when {{ region }} like 'eu-isoe-%' then 'aws-iso-e'
        when {{ region }} like 'us-isof-%' then 'aws-iso-f'
        when {{ region }} like 'eusc-%' then 'aws-eusc'
        else 'aws'
    end
{%- endmacro %}


{% macro cloudtrail_policy_literal(text) -%}
    {#- The dollar first: the others bring new ones. -#}
    replace(
        replace(
            replace({{ text }}, '$', '{{ "${$}" }}'),
            '*',
            '{{ "${*}" }}'
        ),
        '?',
        '{{ "${?}" }}'
    )
{%- endmacro %}


{% macro cloudtrail_acl_principal_kind() -%}
    {#- A service without a name of its own (AWS Internal) cannot be named in
        a policy; nor can a session whose role is not known. -#}
    case
        when is_anonymous then 'everybody'
        when is_aws_service
            then case
                when {{ cloudtrail_s3.cloudtrail_regexp_like(
                    "invoked_by",
                    "^[a-z0-9.-]+[.]amazonaws[.]com([.]cn)?\\z"
                ) }}
                    then 'service'
            end
        when {{ cloudtrail_s3.cloudtrail_regexp_like(
            "requester",
            "^arn:aws[a-z-]*:("
            ~ "iam::[0-9]{12}:(root\\z|(user|role)/)"
            ~ "|sts::[0-9]{12}:federated-user/)"
            ~ "[!-)+->@-~]*\\z"
        ) }}
            then 'identity'
        when {{ cloudtrail_s3.cloudtrail_regexp_like(
            "requester",
            "^(arn:aws[a-z-]*:sts::)?[0-9]{12}(:[\\s\\S]*)?\\z"
        ) }}
            then 'account'
    end
{%- endmacro %}


{% macro cloudtrail_acl_principal() -%}
    case principal_kind
        when 'everybody' then '*'
        when 'service' then invoked_by
        when 'identity' then requester
        when 'account'
            then 'arn:' || partition_name || ':iam::'
                || {{ cloudtrail_s3.cloudtrail_regexp_extract(
                    "requester", "^(?:arn:aws[a-z-]*:sts::)?([0-9]{12})"
                ) }}
                || ':root'
    end
{%- endmacro %}


{% macro cloudtrail_is_log_delivery() -%}
    {#- Services that deliver logs for an account, which they tell S3. -#}
    principal_kind = 'service'
    and {{ cloudtrail_s3.cloudtrail_regexp_like(
        "invoked_by",
        "^(delivery[.]logs|logging[.]s3|logdelivery[.]elasticloadbalancing"
        ~ "|cloudtrail|config|logs([.][a-z0-9-]+)?)[.]amazonaws[.]com([.]cn)?"
        ~ "\\z"
    ) }}
{%- endmacro %}


{% macro cloudtrail_acl_policy_statement() -%}
    {#- Null as soon as a part is. The same grant has the same Sid, and no
        other: a shorter one can be made to meet with another grant's. -#}
    '{"Sid":"AclExit' || {{ dbt.hash(
        "principal || ' ' || policy_action || ' ' || resource_arn"
    ) }}
    || '","Effect":"Allow","Principal":'
    || case principal_kind
        when 'everybody' then '"*"'
        when 'service'
            then '{"Service":'
                || {{ cloudtrail_s3.cloudtrail_json_string("principal") }}
                || '}'
        else
            '{"AWS":'
            || {{ cloudtrail_s3.cloudtrail_json_string("principal") }} || '}'
    end
    || ',"Action":"' || policy_action || '","Resource":'
    || {{ cloudtrail_s3.cloudtrail_json_string("resource_arn") }}
    || case
        when source_account_id is not null
            then ',"Condition":{"StringEquals":{"aws:SourceAccount":'
                || {{ cloudtrail_s3.cloudtrail_json_string(
                    "source_account_id"
                ) }}
                || '}}'
        else ''
    end
    || '}'
{%- endmacro %}


{% macro cloudtrail_acl_advice() -%}
    case
        when event_name in ('PutObjectAcl', 'PutBucketAcl')
            then 'Stop this call: with ACLs disabled it fails. Give the access '
                || 'that it gave by ACL in the bucket policy instead.'
        when acl_use = 'acl_header'
            then 'Stop sending an ACL with this write (x-amz-acl, '
                || 'x-amz-grant-...), or send bucket-owner-full-control: with '
                || 'ACLs disabled S3 refuses any other. Give the access that '
                || 'it gave by ACL in the bucket policy instead.'
        when bucket_name is null
            then 'The log does not name the bucket: find the requests in '
                || 'fct_s3_requests (is_acl_required) and allow them in the '
                || 'policy of their bucket.'
        when policy_action is null
            then 'No draft for this action: look up which permission it needs '
                || 'and allow it to the requester in the bucket policy before '
                || 'you disable ACLs.'
        when principal is null
            then 'The log does not tell a principal that a policy can name: '
                || 'find out who this is, and allow ' || policy_action
                || ' to them in the bucket policy before you disable ACLs.'
        else
            case
                when principal_kind = 'everybody'
                    then 'Warning: the statement allows everybody on the '
                        || 'internet, as the ACL does, and S3 Block Public '
                        || 'Access refuses it. Add it only if the data is '
                        || 'meant to be public; otherwise give the readers an '
                        || 'identity, or serve the bucket through CloudFront.'
                when source_account_id is not null
                    then 'Add the statement to the bucket policy before you '
                        || 'disable ACLs. If the service delivers for another '
                        || 'account, put that one into aws:SourceAccount.'
                when principal_kind = 'service'
                    then 'Add the statement to the bucket policy before you '
                        || 'disable ACLs, with a condition on '
                        || 'aws:SourceAccount or aws:SourceArn, so that the '
                        || 'service can act for nobody else.'
                when principal_kind = 'account'
                    then 'Add the statement to the bucket policy before you '
                        || 'disable ACLs. It allows the whole account: name '
                        || 'the user or role if you can find out which it is. '
                        || 'Their own account must allow the action too.'
                when is_cross_account
                    then 'Add the statement to the bucket policy before you '
                        || 'disable ACLs. The other account must allow the '
                        || 'action to its user or role too.'
                else
                    'Add the statement to the bucket policy before you disable '
                    || 'ACLs.'
            end
            || case
                when resource_form = 'object' and key_prefix is null
                    then ' It is for all keys of the bucket, because the log '
                        || 'tells no folder: narrow it if you can.'
                else ''
            end
            || case
                when canned_acl != 'bucket-owner-full-control'
                    then ' Stop sending the ACL with the request too: with '
                        || 'ACLs disabled S3 refuses it.'
                else ''
            end
    end
{%- endmacro %}
