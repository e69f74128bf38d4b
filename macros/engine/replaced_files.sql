{#- The files whose stored rows this run replaces. On Athena a file without a
    record now cannot be told from one that has expired: its rows stay. -#}

{% macro cloudtrail_replaced_files(files_read, file_days) %}
    {{- return(adapter.dispatch(
        "cloudtrail_replaced_files", "cloudtrail_s3"
    )(files_read, file_days)) -}}
{% endmacro %}


{% macro duckdb__cloudtrail_replaced_files(files_read, file_days) -%}
    select log_file
    from {{ files_read }}
    where log_file is not null
{%- endmacro %}


{% macro athena__cloudtrail_replaced_files(files_read, file_days) -%}
    select distinct log_file from {{ file_days }}
{%- endmacro %}
