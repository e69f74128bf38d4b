{#- Of a record's resources the first of these types whose ARN ends as the
    pattern says. -#}

{% macro cloudtrail_resource(resources, types, ending, field) %}
    {{- return(adapter.dispatch(
        "cloudtrail_resource", "cloudtrail_s3"
    )(resources, types, ending, field)) -}}
{% endmacro %}


{% macro duckdb__cloudtrail_resource(resources, types, ending, field) -%}
    nullif(list_filter(
        {{ resources }},
        lambda r: r.type in ({{ cloudtrail_s3.cloudtrail_literals(types) }})
            and regexp_matches(r.arn, '{{ ending }}')
    )[1].{{ field }}, '')
{%- endmacro %}


{% macro athena__cloudtrail_resource(resources, types, ending, field) -%}
    {#- A field of a row that is null is an error within a lambda. -#}
    nullif(element_at(filter(
        {{ resources }},
        r -> r is not null
            and r.type in ({{ cloudtrail_s3.cloudtrail_literals(types) }})
            and regexp_like(r.arn, '{{ ending }}')
    ), 1).{{ field }}, '')
{%- endmacro %}
