{#- Athena: how the rows of a new table become those of the table that readers
    know, so that they miss none meanwhile, and a kill loses none. -#}

{% macro cloudtrail_new_relation(target_relation) %}
    {#- Its name tells its age. Its folder lies beside the target's, because
        the target's partitions will be there. -#}
    {{ return(api.Relation.create(
        database=target_relation.database,
        schema=target_relation.schema,
        identifier=target_relation.identifier
            ~ adapter.generate_unique_temporary_table_suffix(
                "__new_" ~ run_started_at.strftime("%Y%m%d%H%M%S")
            ),
        s3_path_table_part=target_relation.identifier
            ~ adapter.generate_unique_temporary_table_suffix("/new"),
        type="table"
    )) }}
{% endmacro %}


{% macro cloudtrail_remove_leftovers(target_relation, is_hive) %}
    {#- Of killed runs. An Iceberg table's goes at once, so that a statement
        that waits in the queue cannot merge it any more. A Hive table's waits
        a day: its folders may be about to become the target's. -#}
    {%- set youngest = (
        run_started_at
        - modules.datetime.timedelta(days=1 if is_hive else 0)
    ).strftime("%Y%m%d%H%M%S") -%}
    {%- set prefix = target_relation.identifier ~ "__new_" -%}
    {%- for relation in adapter.list_relations_without_caching(
        target_relation
    ) if relation.identifier.startswith(prefix)
        and relation.identifier[prefix | length:][:14] < youngest -%}
        {#- Killed after it was published, its folders are the target's. -#}
        {%- set folder = adapter.get_glue_table_location(relation) -%}
        {%- if folder and (
            adapter.get_glue_table_location(target_relation) == folder
            or run_query(
                "select 1 from " ~ target_relation
                ~ " where starts_with(\"$path\", "
                ~ cloudtrail_s3.cloudtrail_literal(folder.rstrip("/") ~ "/")
                ~ ") limit 1"
            ).rows
        ) -%}
            {%- do adapter.delete_from_glue_catalog(relation) -%}
        {%- else -%}
            {%- do drop_relation(relation) -%}
        {%- endif -%}
    {%- endfor -%}
{% endmacro %}


{% macro cloudtrail_publish_table(new_relation, target_relation) %}
    {#- Hive: the catalog's entry of the target is changed to the new one's. -#}
    {%- set replaced = [adapter.get_glue_table_location(target_relation)] -%}
    {%- do replaced.extend(
        cloudtrail_s3.cloudtrail_folders(target_relation)
        | map(attribute="folder")
    ) -%}
    {%- do set_table_classification(new_relation) -%}
    {%- do adapter.swap_table(new_relation, target_relation) -%}
    {%- do adapter.delete_from_glue_catalog(new_relation) -%}
    {%- for folder in replaced | unique -%}
        {%- do adapter.delete_from_s3(folder.rstrip("/") ~ "/") -%}
    {%- endfor -%}
{% endmacro %}


{% macro cloudtrail_publish_partitions(new_relation, target_relation) %}
    {#- Hive: a partition gets the new folder in one step. What is added comes
        first, what is emptied goes last, and between them the days come
        first that rows move to, as a rule the later ones and in a backfill
        the earlier ones: a row that moves is there twice for a moment, not
        missing. -#}
    {%- set latest_first = not cloudtrail_s3.cloudtrail_backfill_range()[0] -%}
    {%- set new = cloudtrail_s3.cloudtrail_folders(new_relation) -%}
    {%- set there = cloudtrail_s3.cloudtrail_partitions(target_relation) -%}
    {%- set changed = new | selectattr("values", "in", there) | list -%}
    {%- set emptied = cloudtrail_s3.cloudtrail_emptied_partitions(
        new | map(attribute="values") | list
    ) | select("in", there) | list -%}
    {%- set replaced = cloudtrail_s3.cloudtrail_folders(
        target_relation,
        changed | map(attribute="values") | list + emptied
    ) if changed or emptied else [] -%}

    {#- A partition keeps the columns that the table had when it was made, and
        of Parquet those that its files have are read all the same. -#}
    {%- do process_schema_changes(
        config.get("on_schema_change"), new_relation, target_relation
    ) -%}
    {%- set table = target_relation.render_hive() -%}
    {%- set added = [] -%}
    {%- for partition in new if partition["values"] not in there -%}
        {%- do added.append(
            cloudtrail_s3.cloudtrail_partition_of(partition["values"])
            ~ " location "
            ~ cloudtrail_s3.cloudtrail_literal(partition["folder"])
        ) -%}
    {%- endfor -%}
    {%- for part in added | batch(200) -%}
        {%- do run_query(
            "alter table " ~ table ~ " add if not exists\n"
            ~ part | join("\n")
        ) -%}
    {%- endfor -%}
    {%- for partition in changed
        | sort(attribute="values", reverse=latest_first) -%}
        {%- do run_query(
            "alter table " ~ table ~ " "
            ~ cloudtrail_s3.cloudtrail_partition_of(partition["values"])
            ~ " set location "
            ~ cloudtrail_s3.cloudtrail_literal(partition["folder"])
        ) -%}
    {%- endfor -%}
    {%- do cloudtrail_s3.cloudtrail_forget_partitions(
        target_relation, emptied
    ) -%}
    {%- do adapter.delete_from_glue_catalog(new_relation) -%}
    {%- for partition in replaced -%}
        {%- do adapter.delete_from_s3(partition["folder"]) -%}
    {%- endfor -%}
{% endmacro %}


{% macro cloudtrail_partition_of(values) %}
    {#- As DDL names a partition of the table of the model that is run. -#}
    {%- set terms = [] -%}
    {%- for column in config.get("partitioned_by") -%}
        {%- do terms.append(
            column ~ " = "
            ~ cloudtrail_s3.cloudtrail_literal(values[loop.index0])
        ) -%}
    {%- endfor -%}
    {{ return("partition (" ~ terms | join(", ") ~ ")") }}
{% endmacro %}


{% macro cloudtrail_partitions(relation) %}
    {#- The values of each partition that a Hive table has. -#}
    {%- set columns = config.get("partitioned_by") -%}
    {%- set partitions = [] -%}
    {%- for row in run_query(
        "select " ~ columns | join(", ") ~ " from " ~ relation.incorporate(
            path={"identifier": relation.identifier ~ "$partitions"}
        )
    ).rows -%}
        {%- do partitions.append(row.values() | map("string") | list) -%}
    {%- endfor -%}
    {{ return(partitions) }}
{% endmacro %}


{% macro cloudtrail_forget_partitions(relation, partitions) %}
    {#- Their files stay. -#}
    {%- for part in partitions | batch(200) -%}
        {%- set clauses = [] -%}
        {%- for values in part -%}
            {%- do clauses.append(
                cloudtrail_s3.cloudtrail_partition_of(values)
            ) -%}
        {%- endfor -%}
        {%- do run_query(
            "alter table " ~ relation.render_hive() ~ " drop if exists\n"
            ~ clauses | join(",\n")
        ) -%}
    {%- endfor -%}
{% endmacro %}


{% macro cloudtrail_folders(relation, partitions=none) %}
    {#- [{"values": ..., "folder": ...}] of the files of a Hive table, of some
        partitions or of all. Reads their names, no bytes of theirs. -#}
    {%- set columns = config.get("partitioned_by") or [] -%}
    {%- set conditions = [] -%}
    {%- for column in columns if partitions -%}
        {%- do conditions.append(
            column ~ " in (" ~ cloudtrail_s3.cloudtrail_date_literals(
                partitions | map(attribute=loop.index0) | unique | list
            ) ~ ")"
        ) -%}
    {%- endfor -%}
    {%- set folders = [] -%}
    {%- for row in run_query(
        "select distinct "
        ~ (columns + ["regexp_replace(\"$path\", '[^/]*$', '') as folder"])
            | join(", ")
        ~ " from " ~ relation
        ~ (" where " ~ conditions | join(" and ") if conditions else "")
        ~ " order by folder"
    ).rows -%}
        {%- set values = row.values()[:-1] | map("string") | list -%}
        {%- if partitions is none or values in partitions -%}
            {%- do folders.append(
                {"values": values, "folder": row["folder"]}
            ) -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return(folders) }}
{% endmacro %}


{% macro cloudtrail_emptied_partitions(written) %}
    {#- Those that the run replaces and has no row for. A changed day is written
        whole; of the fact it is known which partitions lose their rows. -#}
    {%- set replaces = config.get("meta", {}).get("cloudtrail_replaces") -%}
    {%- if not replaces -%}
        {{ return([]) }}
    {%- endif -%}
    {%- set columns = config.get("partitioned_by") -%}
    {%- set replaced = run_query(
        "select distinct " ~ columns | join(", ") ~ " from "
        ~ cloudtrail_s3.cloudtrail_stored("int_s3_changed_partitions")
        ~ " where is_emptied"
    ).rows if columns | length > 1 else
        cloudtrail_s3.cloudtrail_days_replaced(columns[0]) | batch(1) -%}
    {%- set emptied = [] -%}
    {%- for values in replaced | map("map", "string") | map("list")
        if values not in written -%}
        {%- do emptied.append(values) -%}
    {%- endfor -%}
    {{ return(emptied) }}
{% endmacro %}


{% macro cloudtrail_days_replaced(column) %}
    {{ return(cloudtrail_s3.cloudtrail_changed_days(
        column,
        cloudtrail_s3.cloudtrail_stored("int_s3_changed_partitions"),
        cloudtrail_s3.cloudtrail_stored("int_cloudtrail_file_days")
    )) }}
{% endmacro %}


{% macro cloudtrail_publish_rows(new_relation, target_relation, keeps_rows) %}
    {#- Iceberg: one MERGE writes the new rows and deletes those that the run
        replaces without a new one. -#}
    {%- do process_schema_changes(
        config.get("on_schema_change"), new_relation, target_relation
    ) -%}
    {%- set days = cloudtrail_s3.cloudtrail_days_merged(new_relation)
        if keeps_rows else "true" -%}
    {%- set replaced = cloudtrail_s3.cloudtrail_replaced_rows(days)
        if keeps_rows else "true" -%}
    {%- set said = adapter.run_query_with_partitions_limit_catching(
        cloudtrail_s3.cloudtrail_merge(
            new_relation, target_relation, days, replaced
        )
    ) -%}
    {%- if said == "TOO_MANY_OPEN_PARTITIONS" -%}
        {%- for part in get_partition_batches(new_relation, false) -%}
            {%- do run_query(cloudtrail_s3.cloudtrail_merge(
                new_relation, target_relation, days, "false", part
            )) -%}
        {%- endfor -%}
        {%- do run_query(cloudtrail_s3.cloudtrail_merge(
            new_relation, target_relation, days, replaced, "false"
        )) -%}
    {%- endif -%}
    {%- do drop_relation(new_relation) -%}
{% endmacro %}


{% macro cloudtrail_merge(
    new_relation, target_relation, days, replaced, part="true"
) %}
    {%- set columns = adapter.get_columns_in_relation(new_relation)
        | map(attribute="name") | list -%}
    merge into {{ target_relation }} as target
    using (
        select
            {{ columns | join(",\n            ") }},
            false as is_gone
        from {{ new_relation }}
        where {{ part }}
        union all
        select
            stored.{{ columns | join(",\n            stored.") }},
            true as is_gone
        from {{ target_relation }} as stored
        where
            {{ replaced }}
            and not exists (
                select 1
                from {{ new_relation }} as new
                where {{ cloudtrail_s3.cloudtrail_same_key("new", "stored") }}
            )
    ) as source
    on
        {{ cloudtrail_s3.cloudtrail_same_key("source", "target") }}
        and {{ days | replace("{}", "target.") }}
    when matched and source.is_gone then delete
    when matched then update set
        {%- for column in columns %}
        {{ column }} = source.{{ column }}{{ "," if not loop.last }}
        {%- endfor %}
    when not matched then insert (
        {{ columns | join(",\n        ") }}
    )
    values (
        source.{{ columns | join(",\n        source.") }}
    )
{% endmacro %}


{% macro cloudtrail_days_merged(new_relation) %}
    {#- A condition on the partition column, which prunes; {} stands where its
        alias will. -#}
    {%- set columns = config.get("partitioned_by") -%}
    {%- if not columns -%}
        {{ return("true") }}
    {%- endif -%}
    {%- set days = cloudtrail_s3.cloudtrail_column_values(
        new_relation, columns[0]
    ) -%}
    {%- if config.get("meta", {}).get("cloudtrail_replaces") -%}
        {%- set days = (
            days + cloudtrail_s3.cloudtrail_days_replaced(columns[0])
        ) | unique | sort -%}
    {%- endif -%}
    {{ return(cloudtrail_s3.cloudtrail_days_predicate(
        "{}" ~ columns[0], days
    )) }}
{% endmacro %}


{% macro cloudtrail_replaced_rows(days) %}
    {#- The condition of the stored rows, aliased stored, that the run replaces
        beside those with its keys. -#}
    {%- set replaces = config.get("meta", {}).get("cloudtrail_replaces") -%}
    {%- if not replaces -%}
        {{ return("false") }}
    {%- endif -%}
    {%- set condition = days | replace("{}", "stored.") -%}
    {%- if replaces["column"] not in config.get("partitioned_by") -%}
        {%- set condition = condition ~ " and stored." ~ replaces["column"]
            ~ " in (" ~ cloudtrail_s3.cloudtrail_replaced_files(
                cloudtrail_s3.cloudtrail_stored("int_cloudtrail_files_read"),
                cloudtrail_s3.cloudtrail_stored("int_cloudtrail_file_days")
            ) ~ ")" -%}
    {%- endif -%}
    {{ return(condition) }}
{% endmacro %}


{% macro cloudtrail_same_key(left, right) -%}
    {#- Of columns that may be null a hash is compared: a join by it is one by
        equality. -#}
    {%- set keys = config.get("unique_key") -%}
    {%- if keys -%}
        {%- for key in keys -%}
            {{ left }}.{{ key }} = {{ right }}.{{ key }}
            {{- " and " if not loop.last }}
        {%- endfor -%}
    {%- else -%}
        {{ cloudtrail_s3.cloudtrail_row_hash(left) }}
        = {{ cloudtrail_s3.cloudtrail_row_hash(right) }}
    {%- endif -%}
{%- endmacro %}


{% macro cloudtrail_row_hash(relation) -%}
    sha256(to_utf8(json_format(cast(array[
        {%- for column in config.get("meta")["cloudtrail_grain"] -%}
        cast({{ relation }}.{{ column }} as varchar)
        {{- ", " if not loop.last }}
        {%- endfor -%}
    ] as json))))
{%- endmacro %}
