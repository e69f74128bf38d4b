{% test cloudtrail_relationships(model, column_name, to, field) %}
    {{ dbt.test_relationships(
        cloudtrail_s3.cloudtrail_last_run(model), column_name, to, field
    ) }}
{% endtest %}
