{#-
    What a query says of the raw table's partitions to read the days from
    start_date to end_date, in the listed accounts and regions, and nothing
    else. Literals only: Athena prunes by them, and not by an expression over
    the columns such as year || month || day.
-#}
{% macro cloudtrail_partition_predicate(start_date, end_date) %}
    {%- if not execute -%}
        {#- Parsing: the days are looked up when the model runs. -#}
        {{ return("true") }}
    {%- endif -%}
    {%- set layout = cloudtrail_s3.cloudtrail_layout() -%}
    {%- set names = cloudtrail_s3.cloudtrail_partition_columns(layout) -%}
    {%- set start = cloudtrail_s3.cloudtrail_day("start_date", start_date) -%}
    {%- set end = cloudtrail_s3.cloudtrail_day("end_date", end_date) -%}
    {%- set terms = [] -%}
    {%- for name, values in {
        "account": cloudtrail_s3.cloudtrail_account_ids(),
        "region": cloudtrail_s3.cloudtrail_regions(),
    }.items() -%}
        {%- if name in names and values -%}
            {%- do terms.append(
                name ~ " in ('" ~ values | unique | join("', '") ~ "')"
            ) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- if layout == "projected" -%}
        {%- do terms.append(
            "day between '" ~ start.replace("-", "/") ~ "' and '"
            ~ end.replace("-", "/") ~ "'"
        ) -%}
    {%- elif layout == "partitioned" -%}
        {%- set months =
            cloudtrail_s3.cloudtrail_month_predicates(start, end) -%}
        {%- do terms.append("(" ~ months | join(" or ") ~ ")") -%}
    {%- endif -%}
    {{ return(terms | join(" and ") or "true") }}
{% endmacro %}


{% macro cloudtrail_month_predicates(start, end) %}
    {#- One predicate for the whole months of a year, one for a part. -#}
    {%- do cloudtrail_s3.cloudtrail_days_between(start, end) -%}
    {%- set months = (end[:4] | int - start[:4] | int) * 12
        + end[5:7] | int - start[5:7] | int + 1 -%}
    {%- set parts = [] -%}
    {%- set whole = {} -%}
    {%- set cursor = namespace(day=start) -%}
    {%- for _ in range(months) -%}
        {%- set year, month, first = cursor.day.split("-") -%}
        {%- set next = cloudtrail_s3.cloudtrail_add_days(
            cursor.day[:8] ~ "01", 31
        )[:8] ~ "01" -%}
        {%- set last = [
            cloudtrail_s3.cloudtrail_add_days(next, -1), end
        ] | min -%}
        {%- if first == "01" and
            cloudtrail_s3.cloudtrail_add_days(last, 1) == next -%}
            {%- do whole.setdefault(year, []).append(month) -%}
        {%- else -%}
            {%- do parts.append(
                "(year = '" ~ year ~ "' and month = '" ~ month
                ~ "' and day between '" ~ first ~ "' and '" ~ last[8:]
                ~ "')"
            ) -%}
        {%- endif -%}
        {%- set cursor.day = next -%}
    {%- endfor -%}
    {%- for year, months_of_year in whole.items() -%}
        {%- do parts.append(
            "(year = '" ~ year ~ "' and month between '"
            ~ months_of_year | first ~ "' and '" ~ months_of_year | last
            ~ "')"
        ) -%}
    {%- endfor -%}
    {{ return(parts) }}
{% endmacro %}
