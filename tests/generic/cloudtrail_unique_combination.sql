{% test cloudtrail_unique_combination(model, column_names) %}
    select
        {{ column_names | join(", ") }},
        count(*) as row_count
    from {{ cloudtrail_s3.cloudtrail_last_run(model) }}
    group by {{ column_names | join(", ") }}
    having count(*) > 1
{% endtest %}
