{% macro cloudtrail_last_run(model) %}
    {#- What a test looks at: of an event-level table the event days that the
        last run could change, of others all rows. The days are looked up
        when the test runs and written as literals, so that they prune. -#}
    {%- if not execute or model is string
        or cloudtrail_s3.cloudtrail_var_boolean("cloudtrail_test_all")
        or "event_date" not in adapter.get_columns_in_relation(model)
            | map(attribute="name") -%}
        {{ return(model | string) }}
    {%- endif -%}
    {%- set changed_days = cloudtrail_s3.cloudtrail_stored(
        "int_s3_changed_partitions"
    ) -%}
    {%- if changed_days is none -%}
        {{ return(model | string) }}
    {%- endif -%}
    {{ return(
        "(select * from " ~ model ~ " where "
        ~ cloudtrail_s3.cloudtrail_days_predicate(
            "event_date",
            cloudtrail_s3.cloudtrail_column_values(
                changed_days, "event_date"
            )
        ) ~ ") as last_run"
    ) }}
{% endmacro %}
