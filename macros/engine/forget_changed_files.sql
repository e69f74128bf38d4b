{#- Files that have changed since they were loaded are not loaded any more as
    soon as their rows are replaced: killed then, a run leaves them as changed
    to the next one, also where the file comes back as it was. -#}

{% macro cloudtrail_forget_changed_files(loads) %}
    {{- return(adapter.dispatch(
        "cloudtrail_forget_changed_files", "cloudtrail_s3"
    )(loads)) -}}
{% endmacro %}


{% macro duckdb__cloudtrail_forget_changed_files(loads) %}
    {%- do run_query(
        "update " ~ loads ~ " as loads set modified_at = timestamp '1970-01-01'"
        ~ " from " ~ cloudtrail_s3.cloudtrail_stored(
            "int_cloudtrail_files_to_read"
        ) ~ " as files where files.log_path = loads.log_file"
        ~ " and (files.size != loads.size"
        ~ " or files.modified_at != loads.modified_at)"
    ) -%}
{% endmacro %}


{% macro athena__cloudtrail_forget_changed_files(loads) %}
    {#- Athena's loads are days, and the last ones are read again anyway. -#}
    {{- return("") -}}
{% endmacro %}
