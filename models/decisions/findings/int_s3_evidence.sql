{#- Written out: dbt must know what this model reads before it runs. -#}
{%- set rules = [
    "int_s3_rule_acl_use",
    "int_s3_rule_anonymous_list",
    "int_s3_rule_anonymous_read",
    "int_s3_rule_anonymous_write",
    "int_s3_rule_denied_repeatedly",
    "int_s3_rule_long_lived_url",
    "int_s3_rule_missing_delivery",
    "int_s3_rule_new_access",
    "int_s3_rule_old_tls",
    "int_s3_rule_plain_http",
    "int_s3_rule_public_access_block_removed",
    "int_s3_rule_root_user",
    "int_s3_rule_sigv2_header",
    "int_s3_rule_sigv2_presigned",
    "int_s3_rule_transfer_outlier",
    "int_s3_rule_unmonitored_bucket",
] %}

with evidence as (

    {% for rule in rules %}
    select * from {{ ref(rule) }}
    {%- if not loop.last %}
    union all
    {%- endif %}
    {% endfor %}

)

select
    rule_id,
    rule_severity,
    rule_title,
    rule_source,
    bucket_name,
    requester,
    detail,
    max(remedy) as remedy,
    cast(sum(request_count) as bigint) as request_count,
    min(first_seen_at) as first_seen_at,
    max(last_seen_at) as last_seen_at,
    event_date
from evidence
group by 1, 2, 3, 4, 5, 6, 7, 12
