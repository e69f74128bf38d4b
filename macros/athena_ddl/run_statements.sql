{#- Runs DDL statements one by one, or prints them and touches nothing. -#}
{% macro cloudtrail_run_statements(statements, dry_run) %}
    {%- if dry_run -%}
        {%- for statement in statements -%}
            {%- do print(statement ~ ";\n") -%}
        {%- endfor -%}
    {%- else -%}
        {%- do cloudtrail_s3.cloudtrail_require_athena() -%}
        {%- for statement in statements -%}
            {%- do run_query(statement) -%}
        {%- endfor -%}
    {%- endif -%}
{% endmacro %}


{% macro cloudtrail_require_athena() %}
    {%- if target.type != "athena" -%}
        {{ cloudtrail_s3.cloudtrail_stop(
            "the target " ~ target.name ~ " is not Athena, where this DDL"
            ~ " runs; add --target athena, or --args '{dry_run: true}' to"
            ~ " print it"
        ) }}
    {%- endif -%}
{% endmacro %}
