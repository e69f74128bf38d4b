{#- Whether the database is all there. DuckDB opens a file that lacks its end,
    and a run that does not read the missing rows would succeed, write behind
    them and leave it to a later reader to find that they are gone. -#}

{% macro cloudtrail_check_database() %}
    {{- return(adapter.dispatch(
        "cloudtrail_check_database", "cloudtrail_s3"
    )()) -}}
{% endmacro %}


{% macro duckdb__cloudtrail_check_database() %}
    {#- Blocks come after three headers of 4,096 bytes. Free ones may lie
        behind the end. -#}
    {%- set file = run_query(
        "select path, block_size from duckdb_databases()"
        ~ " join pragma_database_size() using (database_name)"
        ~ " where database_name = current_database() and path is not null"
    ).rows -%}
    {%- if not file -%}
        {{ return("") }}
    {%- endif -%}
    {%- set blocks = ["select block_id from pragma_metadata_info()"] -%}
    {%- for names in run_query(
        "select database_name, schema_name, table_name from duckdb_tables()"
        ~ " where database_name = current_database()"
    ).rows -%}
        {%- set table = api.Relation.create(*names.values()) -%}
        {%- do blocks.append(
            "select unnest([block_id] || additional_block_ids)"
            ~ " from pragma_storage_info("
            ~ cloudtrail_s3.cloudtrail_literal(table | string) ~ ")"
            ~ " where persistent"
        ) -%}
    {%- endfor -%}
    {%- set path, block_size = file[0].values() -%}
    {%- set is_cut = run_query(
        "select size from read_blob("
        ~ cloudtrail_s3.cloudtrail_literal(
            cloudtrail_s3.cloudtrail_escaped_glob(path)
        )
        ~ ") where size < 3 * 4096 + " ~ block_size
        ~ " * (select max(block_id) + 1 from ("
        ~ blocks | join(" union all ") ~ ") as used)"
    ).rows -%}
    {%- if is_cut -%}
        {{ cloudtrail_s3.cloudtrail_stop(
            "the database " ~ path ~ " lacks its end, and rows with it; remove"
            ~ " it and build it anew, or put back a copy of it"
        ) }}
    {%- endif -%}
{% endmacro %}


{% macro athena__cloudtrail_check_database() %}
    {{- return("") -}}
{% endmacro %}
