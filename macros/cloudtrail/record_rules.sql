{#- Rules that more than one model needs. The columns are those of
    stg_cloudtrail__records. -#}

{% macro cloudtrail_is_s3_request(event_source, event_category) -%}
    coalesce(
        {{ event_source }} in (
            {%- for service in [
                "s3", "s3express", "s3-outposts", "s3-object-lambda"
            ] %}
            '{{ service }}.amazonaws.com',
            '{{ service }}.amazonaws.com.cn'
            {{- "," if not loop.last }}
            {%- endfor %}
        ),
        false
    )
    and coalesce({{ event_category }}, 'Data') in ('Data', 'Management')
{%- endmacro %}


{% macro cloudtrail_request_key(
    shared_event_id, addendum_reason, original_event_id, event_id
) -%}
    coalesce(
        nullif({{ shared_event_id }}, ''),
        case
            when {{ addendum_reason }} = 'UPDATED_DATA'
                then nullif({{ original_event_id }}, '')
        end,
        nullif({{ event_id }}, '')
    )
{%- endmacro %}


{% macro cloudtrail_bucket_types() %}
    {{- return([
        "AWS::S3::Bucket",
        "AWS::S3Express::DirectoryBucket",
        "AWS::S3Outposts::Bucket",
    ]) -}}
{% endmacro %}


{% macro cloudtrail_bucket_name() -%}
    coalesce(
        {{ cloudtrail_s3.cloudtrail_regexp_extract(
            "bucket_arn", "([^:/]+)$"
        ) }},
        parameter_bucket_name,
        {{ cloudtrail_s3.cloudtrail_regexp_extract(
            "object_arn", "^arn:aws[a-z-]*:s3:::([^/]+)"
        ) }},
        parameter_bucket
    )
{%- endmacro %}


{% macro cloudtrail_object_key() -%}
    coalesce(
        parameter_key,
        parameter_outposts_key,
        {{ cloudtrail_s3.cloudtrail_regexp_extract(
            "object_arn", "^arn:aws[a-z-]*:s3:::[^/]+/([\\s\\S]+)$"
        ) }}
    )
{%- endmacro %}
