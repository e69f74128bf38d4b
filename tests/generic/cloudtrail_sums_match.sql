{% test cloudtrail_sums_match(model, expression, to, to_expression) %}
    with here as (

        select coalesce({{ expression }}, 0) as total from {{ model }}

    ),

    there as (

        select coalesce({{ to_expression }}, 0) as total from {{ to }}

    )

    select
        here.total,
        there.total as expected
    from here
    cross join there
    where here.total != there.total
{% endtest %}
