{% test cloudtrail_never_null(model, column_names) %}
    select {{ column_names | join(", ") }}
    from {{ cloudtrail_s3.cloudtrail_last_run(model) }}
    where
        {%- for column in column_names %}
        {{ column }} is null{{ " or" if not loop.last }}
        {%- endfor %}
{% endtest %}
