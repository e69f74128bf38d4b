{% test cloudtrail_never_true(model, condition) %}
    select *
    from {{ cloudtrail_s3.cloudtrail_last_run(model) }}
    where {{ condition }}
{% endtest %}
