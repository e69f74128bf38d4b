{#- What only the Athena table needs of the variables, validated. -#}

{% macro cloudtrail_layout() %}
    {%- set layout = var("cloudtrail_layout") | string -%}
    {%- if layout == "injected" -%}
        {{ cloudtrail_s3.cloudtrail_stop_injected("cloudtrail_layout") }}
    {%- elif layout not in [
        "projected", "partitioned", "unpartitioned"
    ] -%}
        {{ cloudtrail_s3.cloudtrail_stop(
            "cloudtrail_layout: " ~ layout ~ " is no layout; use projected,"
            ~ " partitioned or unpartitioned"
        ) }}
    {%- endif -%}
    {{ return(layout) }}
{% endmacro %}


{% macro cloudtrail_serde() %}
    {%- set serde = var("cloudtrail_serde") | string -%}
    {%- if serde not in ["json", "cloudtrail"] -%}
        {{ cloudtrail_s3.cloudtrail_stop(
            "cloudtrail_serde: " ~ serde ~ " is no SerDe; use json or"
            ~ " cloudtrail"
        ) }}
    {%- endif -%}
    {{ return(serde) }}
{% endmacro %}


{% macro cloudtrail_stop_injected(variable) %}
    {{ cloudtrail_s3.cloudtrail_stop(
        variable ~ ": injected partition columns are not offered, every query"
        ~ " without an equality filter on them fails; list the accounts and"
        ~ " regions"
    ) }}
{% endmacro %}


{% macro cloudtrail_listed(variable) %}
    {#- Empty means all to the models; the DDL has to name every folder. -#}
    {%- if "injected" in cloudtrail_s3.cloudtrail_var_list(variable) -%}
        {{ cloudtrail_s3.cloudtrail_stop_injected(variable) }}
    {%- endif -%}
    {%- set values = cloudtrail_s3.cloudtrail_account_ids()
        if variable == "cloudtrail_account_ids"
        else cloudtrail_s3.cloudtrail_regions() -%}
    {%- if not values -%}
        {{ cloudtrail_s3.cloudtrail_stop(
            variable ~ " is empty, but a table with the layout "
            ~ cloudtrail_s3.cloudtrail_layout() ~ " has to name each of them;"
            ~ " list them, or use the layout unpartitioned"
        ) }}
    {%- endif -%}
    {{ return(values | unique | list) }}
{% endmacro %}


{% macro cloudtrail_source_database() %}
    {{ return(cloudtrail_s3.cloudtrail_hive_name(
        "cloudtrail_source_schema",
        var("cloudtrail_source_schema", "") or target.schema
    )) }}
{% endmacro %}


{% macro cloudtrail_source_table() %}
    {{ return(
        cloudtrail_s3.cloudtrail_source_database() ~ "."
        ~ cloudtrail_s3.cloudtrail_hive_name(
            "cloudtrail_source_table", var("cloudtrail_source_table")
        )
    ) }}
{% endmacro %}


{% macro cloudtrail_raw_table() %}
    {#- The raw table as the catalog has it, none if it has none. -#}
    {{ return(adapter.get_relation(
        database=target.database,
        schema=var("cloudtrail_source_schema", "") or target.schema,
        identifier=var("cloudtrail_source_table")
    )) }}
{% endmacro %}


{% macro cloudtrail_first_day() %}
    {%- set start = cloudtrail_s3.cloudtrail_start_date() -%}
    {%- if not start -%}
        {{ cloudtrail_s3.cloudtrail_stop(
            "cloudtrail_start_date is empty; Athena needs the first day of"
            ~ " the logs"
        ) }}
    {%- endif -%}
    {{ return(start) }}
{% endmacro %}


{% macro cloudtrail_organization_id() %}
    {%- set id = (var("cloudtrail_organization_id", "") or "") | string -%}
    {%- if not modules.re.fullmatch("(o-[a-z0-9]{10,32})?", id) -%}
        {{ cloudtrail_s3.cloudtrail_stop(
            "cloudtrail_organization_id: " ~ id ~ " is no organization id; it"
            ~ " is written like o-a1b2c3d4e5"
        ) }}
    {%- endif -%}
    {{ return(id) }}
{% endmacro %}


{% macro cloudtrail_logs_location() %}
    {#- What holds the accounts' folders: …/AWSLogs/ or …/AWSLogs/o-…/ -#}
    {%- set root = cloudtrail_s3.cloudtrail_root() -%}
    {%- if not modules.re.match(
        "s3://[A-Za-z0-9][A-Za-z0-9._-]+(/|$)", root
    ) -%}
        {{ cloudtrail_s3.cloudtrail_stop(
            "cloudtrail_root: " ~ root ~ " is no bucket; Athena needs"
            ~ " s3://bucket or s3://bucket/prefix"
        ) }}
    {%- elif modules.re.search("[$\\x00-\\x1f\\x7f]", root) -%}
        {{ cloudtrail_s3.cloudtrail_stop(
            "cloudtrail_root: " ~ root ~ " holds a $ or a control character,"
            ~ " which a table's location cannot"
        ) }}
    {%- endif -%}
    {%- set above = modules.re.sub("/AWSLogs$", "", root) -%}
    {%- if "/AWSLogs/" in above ~ "/" -%}
        {{ cloudtrail_s3.cloudtrail_stop(
            "cloudtrail_root: " ~ root ~ " lies below AWSLogs; for Athena end"
            ~ " it before AWSLogs and name the organization, accounts and"
            ~ " regions by their variables"
        ) }}
    {%- endif -%}
    {%- set organization = cloudtrail_s3.cloudtrail_organization_id() -%}
    {{ return(
        above ~ "/AWSLogs/" ~ (organization ~ "/" if organization else "")
    ) }}
{% endmacro %}
