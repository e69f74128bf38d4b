{% test cloudtrail_accepted_values(model, column_name, values) %}
    {{ dbt.test_accepted_values(
        cloudtrail_s3.cloudtrail_last_run(model), column_name, values
    ) }}
{% endtest %}
