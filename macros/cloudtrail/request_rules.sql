{#- The rules that classify a request; those without arguments are used
    once, by int_s3_batch, and read its columns. -#}

{% macro cloudtrail_event_category() -%}
    coalesce(
        event_category,
        case lower(management_event)
            when 'true' then 'Management'
            when 'false' then 'Data'
        end,
        catalogue_event_category,
        case when object_key is not null then 'Data' else 'Management' end
    )
{%- endmacro %}


{% macro cloudtrail_operation_class() -%}
    coalesce(
        catalogue_operation_class,
        case
            when {{ cloudtrail_s3.cloudtrail_regexp_like(
                "event_name",
                "Acl|Policy|PublicAccessBlock|OwnershipControls"
            ) }}
                then 'permission'
            when event_name like 'List%' then 'list'
            when {{ cloudtrail_s3.cloudtrail_regexp_like(
                "event_name", "^(Get|Head|Select)"
            ) }}
                then case
                    when object_key is not null then 'read'
                    else 'configuration'
                end
            when {{ cloudtrail_s3.cloudtrail_regexp_like(
                "event_name",
                "^(Put|Post|Copy|Upload|Create|Complete|Restore|Rename"
                ~ "|Update|Initiate|Write)"
            ) }}
                then case
                    when object_key is not null then 'write'
                    else 'configuration'
                end
            when {{ cloudtrail_s3.cloudtrail_regexp_like(
                "event_name", "^(Delete|Abort)"
            ) }}
                then case
                    when object_key is not null then 'delete'
                    else 'configuration'
                end
        end,
        'other'
    )
{%- endmacro %}


{% macro cloudtrail_resource_level() -%}
    coalesce(
        catalogue_resource_level,
        case
            when object_key is not null then 'object'
            when bucket_name is not null then 'bucket'
            else 'account'
        end
    )
{%- endmacro %}


{% macro cloudtrail_requester() -%}
    {#- The first that is known; sessions of a role are one requester. -#}
    case
        when has_anonymous_identity then 'anonymous'
        when session_issuer_arn is not null then session_issuer_arn
        when identity_type = 'AssumedRole' and user_arn like '%_/%'
            then {{ cloudtrail_s3.cloudtrail_regexp_extract(
                "user_arn", "^([\\s\\S]+)/[^/]*$"
            ) }}
        when user_arn is not null then user_arn
        when invoked_by is not null then invoked_by
        when on_behalf_of_user_id is not null then on_behalf_of_user_id
        when identity_account_id is not null and principal_id is not null
            then case
                when starts_with(principal_id, identity_account_id)
                    then principal_id
                else identity_account_id || ':'
                    || split_part(principal_id, ':', 1)
            end
        else coalesce(identity_account_id, principal_id, 'unknown')
    end
{%- endmacro %}


{% macro cloudtrail_account_number(account_id) -%}
    case
        when {{ cloudtrail_s3.cloudtrail_regexp_like(
            account_id, "^[0-9]{12}\\z"
        ) }}
            then {{ account_id }}
    end
{%- endmacro %}


{% macro cloudtrail_bare_user_agent(user_agent) -%}
    {#- S3 wraps the agent in brackets; the closing one may be cut off. -#}
    nullif(
        case
            when {{ user_agent }} like '[%]'
                then substr({{ user_agent }}, 2, length({{ user_agent }}) - 2)
            when {{ user_agent }} like '[%'
                then substr({{ user_agent }}, 2)
            else {{ user_agent }}
        end,
        ''
    )
{%- endmacro %}


{% macro cloudtrail_client_version(client) -%}
    {#- A browser's Mozilla/5.0 is no version of the browser. -#}
    case
        when {{ client }} not like '%|browser|%'
            then {{ cloudtrail_s3.cloudtrail_regexp_extract(
                client, "/v?([^/]+)$"
            ) }}
    end
{%- endmacro %}


{% macro cloudtrail_byte_count(text) -%}
    {#- Whole numbers stay exact; 1e3 and 1.5 are numbers too. -#}
    case
        when {{ cloudtrail_s3.cloudtrail_regexp_like(
            text, "^[0-9]+([.]0*)?\\z"
        ) }}
            then try_cast(split_part({{ text }}, '.', 1) as bigint)
        when {{ cloudtrail_s3.cloudtrail_regexp_like(
            text, "^[0-9]+([.][0-9]*)?([eE][+-]?[0-9]+)?\\z"
        ) }}
            then try_cast(floor(try_cast({{ text }} as double)) as bigint)
    end
{%- endmacro %}


{% macro cloudtrail_byte_sum(bytes) -%}
    {#- One absurd count must not stop the run: the sum ends at the largest
        bigint. -#}
    {%- set total = "sum(cast(" ~ bytes ~ " as decimal(38, 0)))" -%}
    case
        when {{ total }} > 9223372036854775807 then 9223372036854775807
        else cast({{ total }} as bigint)
    end
{%- endmacro %}


{% macro cloudtrail_version_key(version) -%}
    {#- Sorts 1.10 after 1.9: each of four parts as a padded number. -#}
    {%- for part in range(1, 5) -%}
        lpad(
            coalesce(
                {{ cloudtrail_s3.cloudtrail_regexp_extract(
                    "split_part(" ~ version ~ ", '.', " ~ part ~ ")",
                    "^([0-9]{1,8})"
                ) }},
                '0'
            ),
            8,
            '0'
        )
        {%- if not loop.last %} || {% endif -%}
    {%- endfor -%}
{%- endmacro %}
