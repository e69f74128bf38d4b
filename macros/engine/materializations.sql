{#- The materializations of the tables: dbt's own, but that readers miss neither
    a table nor rows while a run writes, wherever it is killed. -#}

{% materialization cloudtrail_incremental, adapter="duckdb" %}
    {#- One transaction a table. In a rebuild the batch holds what the fact is
        to hold and the losing copies besides: it becomes the fact, because to
        write wide rows costs more than to read them. -#}
    {%- set takes_over = config.get("meta", {}).get("cloudtrail_takes_over") -%}
    {%- if takes_over -%}
        {%- set batch = cloudtrail_s3.cloudtrail_stored(takes_over) -%}
        {#- A table cannot be renamed into another schema. -#}
        {%- if cloudtrail_s3.cloudtrail_is_rebuild()
            and batch.schema == this.schema
            and batch.database == this.database -%}
            {{ return({"relations":
                cloudtrail_s3.cloudtrail_take_over(batch)
            }) }}
        {%- endif -%}
        {%- do cloudtrail_s3.cloudtrail_forget_loads() -%}
    {%- endif -%}
    {{ return(materialization_incremental_duckdb()) }}
{% endmaterialization %}


{% macro cloudtrail_take_over(batch) %}
    {%- do cloudtrail_s3.cloudtrail_check_batch(batch) -%}
    {%- set target_relation = this.incorporate(type="table") -%}
    {%- if config.get("contract").enforced -%}
        {%- do get_assert_columns_equivalent(compiled_code) -%}
    {%- endif -%}
    {{ run_hooks(pre_hooks, inside_transaction=false) }}
    {{ run_hooks(pre_hooks, inside_transaction=true) }}
    {%- set columns = adapter.get_columns_in_relation(batch)
        | map(attribute="name") | list -%}
    {% call statement("main") %}
        delete from {{ batch }}
        where
            event_at is null
            or request_key is null
            {%- for content, condition in
                cloudtrail_s3.cloudtrail_ranked_parts(batch, columns) %}
            or rowid in (
                select ranked.row_id
                from (
                    select
                        rowid as row_id,
                        {{ cloudtrail_s3.cloudtrail_copy_rank(content) }}
                            as copy_rank
                    from {{ batch }}
                    where {{ condition }}
                ) as ranked
                where ranked.copy_rank > 1
            )
            {%- endfor %}
    {% endcall %}
    {%- do cloudtrail_s3.cloudtrail_forget_loads() -%}
    {%- do adapter.drop_relation(target_relation) -%}
    {%- do adapter.rename_relation(batch, target_relation) -%}
    {%- do run_query(
        "create table " ~ batch ~ " as select * from " ~ target_relation
        ~ " limit 0"
    ) -%}
    {%- do persist_docs(target_relation, model) -%}
    {{ run_hooks(post_hooks, inside_transaction=true) }}
    {%- do adapter.commit() -%}
    {{ run_hooks(post_hooks, inside_transaction=false) }}
    {{ return([target_relation, batch]) }}
{% endmacro %}


{% materialization cloudtrail_incremental, adapter="athena" %}
    {{ return({"relations": [cloudtrail_s3.cloudtrail_write_and_publish(
        cloudtrail_s3.cloudtrail_fact_table_type() == "hive",
        cloudtrail_s3.cloudtrail_keeps_rows()
    )]}) }}
{% endmaterialization %}


{% materialization cloudtrail_table, adapter="duckdb" %}
    {{ return(materialization_table_duckdb()) }}
{% endmaterialization %}


{% materialization cloudtrail_table, adapter="athena" %}
    {#- Written whole in each run: a Hive table, whatever the facts are. -#}
    {{ return({"relations": [cloudtrail_s3.cloudtrail_write_and_publish(
        true, false
    )]}) }}
{% endmaterialization %}


{% macro cloudtrail_write_and_publish(is_hive, keeps_rows) %}
    {#- Athena: rows are written into a new table of a name of its own and then
        published: a query that a killed run leaves behind writes into a table
        that nobody reads. -#}
    {%- set existing_relation = load_relation(this) -%}
    {%- set target_relation = this.incorporate(type="table") -%}
    {%- set new_relation = cloudtrail_s3.cloudtrail_new_relation(
        target_relation
    ) -%}

    {{ run_hooks(pre_hooks) }}
    {%- do cloudtrail_s3.cloudtrail_remove_leftovers(
        target_relation, is_hive
    ) -%}
    {%- if existing_relation is not none and existing_relation.is_view -%}
        {%- do drop_relation(existing_relation) -%}
        {%- set existing_relation = none -%}
    {%- endif -%}
    {%- if existing_relation is none -%}
        {%- do run_query(create_table_as(
            false,
            target_relation,
            "select * from (" ~ compiled_code ~ ") as nothing where false"
        )) -%}
    {%- endif -%}

    {%- set said = safe_create_table_as(
        not is_hive,
        new_relation,
        compiled_code,
        "sql",
        config.get("force_batch", false)
    ) -%}
    {% call noop_statement("main", said) %}{{ compiled_code }}{% endcall %}
    {%- if not keeps_rows
        and config.get("meta", {}).get("cloudtrail_takes_over") -%}
        {#- The first table that a rebuild changes. -#}
        {%- do cloudtrail_s3.cloudtrail_forget_loads() -%}
    {%- endif -%}
    {%- if not is_hive -%}
        {%- do cloudtrail_s3.cloudtrail_publish_rows(
            new_relation, target_relation, keeps_rows
        ) -%}
    {%- elif keeps_rows and config.get("partitioned_by") -%}
        {%- do cloudtrail_s3.cloudtrail_publish_partitions(
            new_relation, target_relation
        ) -%}
    {%- else -%}
        {%- do cloudtrail_s3.cloudtrail_publish_table(
            new_relation, target_relation
        ) -%}
    {%- endif -%}

    {{ run_hooks(post_hooks) }}
    {%- do persist_docs(target_relation, model) -%}
    {%- do adapter.expire_glue_table_versions(
        target_relation, config.get("versions_to_keep", 1) | int, false
    ) -%}
    {{ return(target_relation) }}
{% endmacro %}
