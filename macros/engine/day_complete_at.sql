{#- A folder's day is complete an hour after it has ended (UTC). -#}

{% macro cloudtrail_day_complete_at(log_date) %}
    {{- return(dbt.dateadd("hour", 25, "cast(" ~ log_date ~ " as timestamp)"))
    -}}
{% endmacro %}
