{% macro cloudtrail_check_files_read(files_read) %}
    {#- Before the first table changes: files of other JSON are told, and a
        root that holds nothing else is no CloudTrail root. -#}
    {%- if cloudtrail_s3.cloudtrail_is_running() -%}
        {%- set ignored = run_query(
            "select log_path from " ~ files_read
            ~ " where status = 'ignored' order by 1"
        ).columns[0].values() | list -%}
        {%- if ignored -%}
            {%- if cloudtrail_s3.cloudtrail_is_rebuild() and not run_query(
                "select 1 from " ~ files_read
                ~ " where status != 'ignored' limit 1"
            ).rows -%}
                {{ cloudtrail_s3.cloudtrail_stop(
                    "cloudtrail_root "
                    ~ cloudtrail_s3.cloudtrail_root()
                    ~ " holds no CloudTrail log file: none of its "
                    ~ ignored | length ~ " JSON files has Records"
                ) }}
            {%- endif -%}
            {%- do exceptions.warn(
                "cloudtrail_s3: " ~ ignored | length
                ~ " files are ignored, they are JSON without Records: "
                ~ ignored[:3] | join(", ")
                ~ (", ..." if ignored | length > 3 else "")
            ) -%}
        {%- endif -%}
    {%- endif -%}
{% endmacro %}
