{#- What an exact median is taken from: Athena has no exact one. A list of
    doubles in order, nulls last; cloudtrail_middle finds its middle. -#}

{% macro cloudtrail_sorted_values(column, frame) %}
    {{- return(adapter.dispatch(
        "cloudtrail_sorted_values", "cloudtrail_s3"
    )(column, frame)) -}}
{% endmacro %}


{% macro duckdb__cloudtrail_sorted_values(column, frame) -%}
    list_sort(
        array_agg(cast({{ column }} as double)) over {{ frame }},
        'asc',
        'nulls last'
    )
{%- endmacro %}


{% macro athena__cloudtrail_sorted_values(column, frame) -%}
    array_sort(array_agg(cast({{ column }} as double)) over {{ frame }})
{%- endmacro %}


{% macro cloudtrail_sorted_distances(values, center) %}
    {{- return(adapter.dispatch(
        "cloudtrail_sorted_distances", "cloudtrail_s3"
    )(values, center)) -}}
{% endmacro %}


{% macro duckdb__cloudtrail_sorted_distances(values, center) -%}
    list_sort(
        list_transform({{ values }}, lambda value: abs(value - {{ center }})),
        'asc',
        'nulls last'
    )
{%- endmacro %}


{% macro athena__cloudtrail_sorted_distances(values, center) -%}
    array_sort(
        transform({{ values }}, value -> abs(value - {{ center }}))
    )
{%- endmacro %}


{% macro cloudtrail_middle(values, count) -%}
    {#- Of an even count half of the two in the middle. -#}
    case
        when {{ count }} > 0
            then (
                {{ values }}[cast(floor(({{ count }} + 1) / 2.0) as bigint)]
                + {{ values }}[cast(floor({{ count }} / 2.0) as bigint) + 1]
            ) / 2e0
    end
{%- endmacro %}
