{#- One row per day of a range, both ends included, as calendar_date; first and
    last are SQL over the tables of from_clause. At most 3,651 days. -#}

{% macro cloudtrail_calendar(first, last, from_clause) %}
    {{- return(adapter.dispatch(
        "cloudtrail_calendar", "cloudtrail_s3"
    )(first, last, from_clause)) -}}
{% endmacro %}


{% macro duckdb__cloudtrail_calendar(first, last, from_clause) %}
    select cast(unnest(generate_series(
            cast({{ first }} as timestamp),
            cast({{ last }} as timestamp),
            interval 1 day
        )) as date) as calendar_date
    from {{ from_clause }}
{%- endmacro %}


{% macro athena__cloudtrail_calendar(first, last, from_clause) %}
    select days.calendar_date
    from {{ from_clause }}
    cross join unnest(sequence({{ first }}, {{ last }}, interval '1' day))
        as days (calendar_date)
{%- endmacro %}
