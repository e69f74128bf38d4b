{% macro cloudtrail_create_database_statement() %}
    {{ return(
        "create database if not exists "
        ~ cloudtrail_s3.cloudtrail_source_database()
    ) }}
{% endmacro %}


{% macro cloudtrail_drop_table_statement() %}
    {{ return(
        "drop table if exists " ~ cloudtrail_s3.cloudtrail_source_table()
    ) }}
{% endmacro %}


{% macro cloudtrail_create_table_statement() %}
    {#- What this layout does not need is validated all the same. -#}
    {%- do cloudtrail_s3.cloudtrail_start_date() -%}
    {%- do cloudtrail_s3.cloudtrail_regions() -%}
    {%- set layout = cloudtrail_s3.cloudtrail_layout() -%}
    {%- set serde = cloudtrail_s3.cloudtrail_serde() -%}
    {%- set accounts = cloudtrail_s3.cloudtrail_account_ids() | unique | list
        if layout == "unpartitioned"
        else cloudtrail_s3.cloudtrail_listed("cloudtrail_account_ids") -%}
    {%- set location = cloudtrail_s3.cloudtrail_logs_location()
        ~ (accounts[0] ~ "/CloudTrail/" if accounts | length == 1 else "") -%}
    {%- set serde_class = {
        "json": "org.apache.hive.hcatalog.data.JsonSerDe",
        "cloudtrail": "com.amazon.emr.hive.serde.CloudTrailSerde",
    }[serde] -%}
    {%- set columns = [] -%}
    {%- for column in cloudtrail_s3.cloudtrail_table_columns(serde) -%}
        {%- do columns.append(
            "    `" ~ column["name"] ~ "` " ~ column["type"]
        ) -%}
    {%- endfor -%}
    {%- set partition_columns = [] -%}
    {%- for name in cloudtrail_s3.cloudtrail_partition_columns(layout) -%}
        {%- do partition_columns.append("    `" ~ name ~ "` string") -%}
    {%- endfor -%}
    {%- set clauses = [
        "create external table " ~ cloudtrail_s3.cloudtrail_source_table()
        ~ " (\n" ~ columns | join(",\n") ~ "\n)"
    ] -%}
    {%- if partition_columns -%}
        {%- do clauses.append(
            "partitioned by (\n" ~ partition_columns | join(",\n") ~ "\n)"
        ) -%}
    {%- endif -%}
    {%- do clauses.extend([
        "row format serde '" ~ serde_class ~ "'",
        "stored as",
        "    inputformat 'com.amazon.emr.cloudtrail.CloudTrailInputFormat'",
        "    outputformat"
        ~ " 'org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat'",
        "location " ~ cloudtrail_s3.cloudtrail_hive_string(location),
    ]) -%}
    {%- if layout == "projected" -%}
        {%- set properties = [] -%}
        {%- for name, value in
            cloudtrail_s3.cloudtrail_projection_properties().items() -%}
            {%- do properties.append(
                "    '" ~ name ~ "' = "
                ~ cloudtrail_s3.cloudtrail_hive_string(value)
            ) -%}
        {%- endfor -%}
        {%- do clauses.append(
            "tblproperties (\n" ~ properties | join(",\n") ~ "\n)"
        ) -%}
    {%- endif -%}
    {{ return(clauses | join("\n")) }}
{% endmacro %}


{% macro cloudtrail_projection_properties() %}
    {%- set start = cloudtrail_s3.cloudtrail_first_day() -%}
    {{ return({
        "projection.enabled": "true",
        "projection.account.type": "enum",
        "projection.account.values":
            cloudtrail_s3.cloudtrail_listed("cloudtrail_account_ids")
            | join(","),
        "projection.region.type": "enum",
        "projection.region.values":
            cloudtrail_s3.cloudtrail_listed("cloudtrail_regions")
            | join(","),
        "projection.day.type": "date",
        "projection.day.format": "yyyy/MM/dd",
        "projection.day.range": start.replace("-", "/") ~ ",NOW",
        "projection.day.interval": "1",
        "projection.day.interval.unit": "DAYS",
        "storage.location.template":
            cloudtrail_s3.cloudtrail_logs_location()
            ~ "${account}/CloudTrail/${region}/${day}/",
    }) }}
{% endmacro %}
