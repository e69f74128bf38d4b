{#- What the daily counts make of columns of fct_s3_requests, one concept a
    macro, as SQL over the fact's columns. -#}

{% macro cloudtrail_denial_text() -%}
    {#- The message without the names that others choose: the requester's, and
        the resource's that it quotes. -#}
    regexp_replace(
        regexp_replace(lower(error_message), '^user: [^ ]+ ', ''),
        'on resource: "[\s\S]*"',
        ''
    )
{%- endmacro %}


{% macro cloudtrail_denial_pattern(phrase_group, policy_group) -%}
    {{- return(
        "^[\\s\\S]*" ~ phrase_group ~ "explicit deny in an? |because no )"
        ~ policy_group ~ "identity-based|resource-based|service control"
        ~ "|resource control|session|permissions boundary|vpc endpoint)"
    ) -}}
{%- endmacro %}


{% macro cloudtrail_denial_source() -%}
    {#- The last policy that the message names. -#}
    {%- set text = cloudtrail_s3.cloudtrail_denial_text() -%}
    case {{ cloudtrail_s3.cloudtrail_regexp_extract(
        text, cloudtrail_s3.cloudtrail_denial_pattern("(?:", "(")
    ) }}
        when 'identity-based' then 'identity_policy'
        when 'resource-based' then 'bucket_policy'
        when 'service control' then 'service_control_policy'
        when 'resource control' then 'resource_control_policy'
        when 'session' then 'session_policy'
        when 'permissions boundary' then 'permissions_boundary'
        when 'vpc endpoint' then 'vpc_endpoint_policy'
        else {{ cloudtrail_s3.cloudtrail_denial_setting(text) }}
    end
{%- endmacro %}


{% macro cloudtrail_denial_setting(text) -%}
    {#- What denies where the message names no policy. -#}
    case
        when {{ cloudtrail_s3.cloudtrail_regexp_like(
            text, "block ?public ?(access|acls|policy)|restrictpublicbuckets"
        ) }}
            then 'block_public_access'
        when {{ text }} like '%because%blocked upload requests%'
            then 'upload_encryption'
        else 'unknown'
    end
{%- endmacro %}


{% macro cloudtrail_denial_kind() -%}
    {#- Older messages end before they name the policy. -#}
    {%- set text = cloudtrail_s3.cloudtrail_denial_text() -%}
    case {{ cloudtrail_s3.cloudtrail_regexp_extract(
        text,
        cloudtrail_s3.cloudtrail_denial_pattern("(", "(?:")
    ) }}
        when 'because no ' then 'implicit'
        when 'explicit deny in a ' then 'explicit'
        when 'explicit deny in an ' then 'explicit'
        else case
            when
                {{ cloudtrail_s3.cloudtrail_denial_setting(text) }}
                = 'unknown'
                and {{ cloudtrail_s3.cloudtrail_regexp_like(
                    text, "with an explicit deny[.]?\\z"
                ) }}
                then 'explicit'
        end
    end
{%- endmacro %}


{% macro cloudtrail_acl_use() -%}
    {#- Why a request needs ACLs, null if it does not. -#}
    case
        when is_acl_required then 'acl_required'
        when event_name in ('PutObjectAcl', 'PutBucketAcl') then 'put_acl'
        when operation_class = 'write' and resource_level = 'object'
            then case
                when
                    request_parameters like '%"x-amz-grant-%'
                    and {{ cloudtrail_s3.cloudtrail_json_text(
                        "request_parameters",
                        [
                            "x-amz-grant-full-control",
                            "x-amz-grant-read",
                            "x-amz-grant-read-acp",
                            "x-amz-grant-write",
                            "x-amz-grant-write-acp",
                        ],
                    ) }} is not null
                    then 'acl_header'
                when {{ cloudtrail_s3.cloudtrail_canned_acl() }}
                    != 'bucket-owner-full-control'
                    then 'acl_header'
            end
    end
{%- endmacro %}


{% macro cloudtrail_canned_acl() -%}
    {#- The text is parsed only where it can hold one; older records hold a
        list of one. -#}
    {%- set texts -%}
        ({{ cloudtrail_s3.cloudtrail_json_texts(
            "request_parameters", ['"x-amz-acl"', '"x-amz-acl"[0]']
        ) }})
    {%- endset -%}
    case
        when request_parameters like '%"x-amz-acl"%'
            then coalesce(
                {{ cloudtrail_s3.cloudtrail_json_item(texts, 1) }},
                {{ cloudtrail_s3.cloudtrail_json_item(texts, 2) }}
            )
    end
{%- endmacro %}


{% macro cloudtrail_key_prefix() -%}
    case
        when object_key like '%/%' then split_part(object_key, '/', 1) || '/'
    end
{%- endmacro %}


{% macro cloudtrail_url_parameter(name) -%}
    ({{ cloudtrail_s3.cloudtrail_json_text("request_parameters", [name]) }})
{%- endmacro %}


{% macro cloudtrail_url_id() -%}
    {#- The signature is redacted: what was signed tells one URL from another.
        -#}
    {{ cloudtrail_s3.cloudtrail_text_hash([
        "access_key_id",
        "bucket_name",
        "object_key",
        "version_id",
        "event_name",
        cloudtrail_s3.cloudtrail_url_parameter("X-Amz-Date"),
        cloudtrail_s3.cloudtrail_url_parameter("X-Amz-Expires"),
        cloudtrail_s3.cloudtrail_url_parameter("Expires"),
    ]) }}
{%- endmacro %}


{% macro cloudtrail_url_signed_at() -%}
    {%- set text = cloudtrail_s3.cloudtrail_url_parameter("X-Amz-Date") -%}
    {%- set pieces = [] -%}
    {%- for start, length in [(1, 4), (5, 2), (7, 5), (12, 2), (14, 3)] -%}
        {%- do pieces.append(
            "substr(" ~ text ~ ", " ~ start ~ ", " ~ length ~ ")"
        ) -%}
    {%- endfor -%}
    {{ cloudtrail_s3.cloudtrail_timestamp(
        "(case when " ~ cloudtrail_s3.cloudtrail_regexp_like(
            text, "^[0-9]{8}T[0-9]{6}Z\\z"
        ) ~ " then " ~ pieces[:3] | join(" || '-' || ") ~ " || ':' || "
        ~ pieces[3:] | join(" || ':' || ") ~ " end)"
    ) }}
{%- endmacro %}


{% macro cloudtrail_url_lifetime() -%}
    {%- set text = cloudtrail_s3.cloudtrail_url_parameter("X-Amz-Expires") -%}
    case
        when {{ cloudtrail_s3.cloudtrail_regexp_like(
            text, "^[0-9]{1,9}\\z"
        ) }}
            then cast({{ text }} as bigint)
    end
{%- endmacro %}


{% macro cloudtrail_url_expires_at() -%}
    {#- SigV4 tells when and for how long, SigV2 until when, in seconds since
        1970. -#}
    {%- set text = cloudtrail_s3.cloudtrail_url_parameter("Expires") -%}
    coalesce(
        {{ cloudtrail_s3.cloudtrail_seconds_later(
            "(" ~ cloudtrail_s3.cloudtrail_url_signed_at() ~ ")",
            "(" ~ cloudtrail_s3.cloudtrail_url_lifetime() ~ ")"
        ) }},
        {{ cloudtrail_s3.cloudtrail_seconds_later(
            "timestamp '1970-01-01 00:00:00'",
            "(case when " ~ cloudtrail_s3.cloudtrail_regexp_like(
                text, "^[0-9]{1,10}\\z"
            ) ~ " then cast(" ~ text ~ " as bigint) end)"
        ) }}
    )
{%- endmacro %}


{% macro cloudtrail_sets_public_access() -%}
    error_code is null
    and {{ cloudtrail_s3.cloudtrail_regexp_like(
        "event_name", "^(Put|Delete)(Bucket|Account)?PublicAccessBlock\\z"
    ) }}
{%- endmacro %}


{% macro cloudtrail_opened_to() -%}
    {#- Of the four settings two keep data private: public ACLs are ignored,
        and public policies restricted. The others refuse new ones only. -#}
    {%- set settings -%}
        ({{ cloudtrail_s3.cloudtrail_json_texts("request_parameters", [
            '"PublicAccessBlockConfiguration"."IgnorePublicAcls"',
            '"PublicAccessBlockConfiguration"."RestrictPublicBuckets"',
        ]) }})
    {%- endset -%}
    {%- set ignores_acls -%}
        lower({{ cloudtrail_s3.cloudtrail_json_item(settings, 1) }}) = 'true'
    {%- endset -%}
    {%- set restricts_policies -%}
        lower({{ cloudtrail_s3.cloudtrail_json_item(settings, 2) }}) = 'true'
    {%- endset -%}
    case
        when event_name like 'Delete%' then 'acls and policies'
        when request_parameters like '%"PublicAccessBlockConfiguration"%'
            then case
                when {{ ignores_acls }} and {{ restricts_policies }} then null
                when {{ ignores_acls }} then 'policies'
                when {{ restricts_policies }} then 'acls'
                else 'acls and policies'
            end
    end
{%- endmacro %}
