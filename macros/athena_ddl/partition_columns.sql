{#-
    AWS documents region, year, month and day, with account before them for
    an organization's trail, for a CloudTrail table with added partitions;
    the projected table takes the same account and region, and day in the
    form yyyy/MM/dd that AWS's projection examples for load balancers use.
-#}
{% macro cloudtrail_partition_columns(layout) %}
    {%- if layout == "projected" -%}
        {{ return(["account", "region", "day"]) }}
    {%- elif layout == "partitioned" -%}
        {%- set is_shared =
            cloudtrail_s3.cloudtrail_account_ids() | unique | list | length
            > 1 -%}
        {{ return(
            (["account"] if is_shared else [])
            + ["region", "year", "month", "day"]
        ) }}
    {%- else -%}
        {{ return([]) }}
    {%- endif -%}
{% endmacro %}
