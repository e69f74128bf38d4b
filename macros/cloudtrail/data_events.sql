{#- What each account's trail told of data events, as a query: a request across
    accounts counts once, in the account of the copy that is its row; the
    bucket owner's copies stand beside it and count nothing. -#}

{% macro cloudtrail_data_events(activity, owner_copies) %}
{%- set columns = [
    "account_id",
    "aws_region",
    "bucket_name",
    "operation_class",
    "signature_version",
    "tls_version",
    "is_secure_transport",
    "first_seen_at",
    "last_seen_at",
    "event_date",
] %}
    select
        {{ columns | join(",\n        ") }},
        is_anonymous,
        request_count,
        false as is_copy
    from {{ activity }}
    where event_category = 'Data'
    union all
    select
        {{ columns | join(",\n        ") }},
        false as is_anonymous,
        0 as request_count,
        true as is_copy
    from {{ owner_copies }}
{%- endmacro %}
