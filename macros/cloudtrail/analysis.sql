{#- What the analyses look at: conditions from their variables, validated. -#}

{% macro cloudtrail_analysis_range() %}
    {%- set start = cloudtrail_s3.cloudtrail_var_date("analysis_start") -%}
    {%- set end = cloudtrail_s3.cloudtrail_var_date("analysis_end") -%}
    {%- if start and end and start > end -%}
        {{ cloudtrail_s3.cloudtrail_stop(
            "analysis_end " ~ end ~ " is before analysis_start " ~ start
        ) }}
    {%- endif -%}
    {{ return({"start": start, "end": end}) }}
{% endmacro %}


{% macro cloudtrail_analysis_days(day) -%}
    {%- set range = cloudtrail_s3.cloudtrail_analysis_range() -%}
    {%- set bounds = [] -%}
    {%- if range.start -%}
        {%- do bounds.append(day ~ " >= date '" ~ range.start ~ "'") -%}
    {%- endif -%}
    {%- if range.end -%}
        {%- do bounds.append(day ~ " <= date '" ~ range.end ~ "'") -%}
    {%- endif -%}
    {{- bounds | join(" and ") or "true" -}}
{%- endmacro %}


{% macro cloudtrail_analysis_log_days() -%}
    {#- Of the raw files: the table's partitions too, where they prune. -#}
    {%- set range = cloudtrail_s3.cloudtrail_analysis_range() -%}
    {{- cloudtrail_s3.cloudtrail_analysis_days("log_date") -}}
    {%- if range.start and range.end
        and cloudtrail_s3.cloudtrail_source_partitions() %}
    and {{ cloudtrail_s3.cloudtrail_partition_predicate(
        range.start, range.end
    ) }}
    {%- endif -%}
{%- endmacro %}


{% macro cloudtrail_analysis_times(time) -%}
    {%- set range = cloudtrail_s3.cloudtrail_analysis_range() -%}
    {%- set bounds = [] -%}
    {%- if range.start -%}
        {%- do bounds.append(time ~ " >= '" ~ range.start ~ "'") -%}
    {%- endif -%}
    {%- if range.end -%}
        {#- As text, every time of the last day sorts before this one. -#}
        {%- do bounds.append(time ~ " < '" ~ range.end ~ "T24'") -%}
    {%- endif -%}
    {{- bounds | join(" and ") or "true" -}}
{%- endmacro %}


{% macro cloudtrail_analysis_bucket(bucket) -%}
    {%- set name = (var("analysis_bucket", "") or "") | string -%}
    {%- if not modules.re.fullmatch("([A-Za-z0-9._-]{3,255})?", name) -%}
        {{ cloudtrail_s3.cloudtrail_stop(
            "analysis_bucket: " ~ name ~ " is no bucket name; a bucket name"
            ~ " has 3 or more letters, digits, dots and dashes"
        ) }}
    {%- endif -%}
    {{- bucket ~ " = '" ~ name ~ "'" if name else "true" -}}
{%- endmacro %}
