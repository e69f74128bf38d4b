{#- Removing the log days before one from all tables.

    Killed between two statements, the same command again must find the rest,
    and a run in between must be right. So the order is:

    1. fct_cloudtrail_loads: it must never say more than the tables hold. With a
       longer retention later, what it lacks is read again. Emptied by this, it
       makes the next run a rebuild, of tables that held expired days alone.
    2. The counts by day, of the event days that lose requests, counted from the
       requests that stay. Those that go are still there, so that the next
       attempt finds the same event days, and counts the same. A run in between
       may count them in again for the event days that it changes: the next
       attempt counts those again too.
    3. fct_s3_requests: from here on nothing tells which event days lost rows,
       but they are counted. What of it is left is found by its log day.
    4. int_s3_owner_copies, by its log day too.
    5. fct_cloudtrail_log_files, by its log day too. Until then its files are
       said to hold requests that are gone, and the test of their sums fails.

    DuckDB does it in one transaction. -#}

{% macro cloudtrail_remove_expired(tables, first, event_days) %}
    {{- return(adapter.dispatch(
        "cloudtrail_remove_expired", "cloudtrail_s3"
    )(tables, first, event_days)) -}}
{% endmacro %}


{% macro duckdb__cloudtrail_remove_expired(tables, first, event_days) %}
    {#- dbt begins where no transaction is open, and commits nothing itself. -#}
    {%- call statement("begin", auto_begin=true) -%}
        select 1
    {%- endcall -%}
    {%- do cloudtrail_s3.cloudtrail_delete_expired(
        tables, first, event_days
    ) -%}
    {%- do adapter.commit() -%}
{% endmacro %}


{% macro athena__cloudtrail_remove_expired(tables, first, event_days) %}
    {%- if cloudtrail_s3.cloudtrail_fact_table_type() == "iceberg" -%}
        {%- do cloudtrail_s3.cloudtrail_delete_expired(
            tables, first, event_days
        ) -%}
        {{ return("") }}
    {%- endif -%}
    {%- do cloudtrail_s3.cloudtrail_publish_kept_loads(
        tables["fct_cloudtrail_loads"], first
    ) -%}
    {%- set days = [] -%}
    {%- for day in event_days.columns[0].values() -%}
        {%- do days.append("event_date='" ~ day ~ "'") -%}
    {%- endfor -%}
    {%- for name in cloudtrail_s3.cloudtrail_daily_models() if days -%}
        {%- do adapter.clean_up_partitions(tables[name], days) -%}
    {%- endfor -%}
    {%- do cloudtrail_s3.cloudtrail_count_kept(tables, first, event_days) -%}
    {%- for name in cloudtrail_s3.cloudtrail_log_day_models() -%}
        {%- do adapter.clean_up_partitions(
            tables[name], ["log_date<'" ~ first ~ "'"]
        ) -%}
    {%- endfor -%}
{% endmacro %}


{% macro cloudtrail_publish_kept_loads(loads, first) %}
    {#- A Hive table without partitions is written whole. dbt's own CREATE
        TABLE AS asks the config of a model, and an operation has none. -#}
    {%- set new_relation = cloudtrail_s3.cloudtrail_new_relation(loads) -%}
    {%- set location = adapter.generate_s3_location(
        new_relation, target.s3_data_dir, target.s3_data_naming,
        target.s3_tmp_table_dir, none, false
    ) -%}
    {%- do run_query(
        "create table " ~ new_relation ~ " with (table_type = 'hive',"
        ~ " is_external = true, format = 'parquet'"
        ~ (
            "" if adapter.is_work_group_output_location_enforced()
            else ", external_location = "
                ~ cloudtrail_s3.cloudtrail_literal(location)
        )
        ~ ") as select * from " ~ loads ~ " where log_date >= date '" ~ first
        ~ "'"
    ) -%}
    {%- do cloudtrail_s3.cloudtrail_publish_table(new_relation, loads) -%}
{% endmacro %}


{% macro cloudtrail_delete_expired(tables, first, event_days) %}
    {%- set expired = " where log_date < date '" ~ first ~ "'" -%}
    {%- do run_query(
        "delete from " ~ tables["fct_cloudtrail_loads"] ~ expired
    ) -%}
    {%- for name in cloudtrail_s3.cloudtrail_daily_models()
        if event_days.rows -%}
        {%- do run_query(
            "delete from " ~ tables[name] ~ " where "
            ~ cloudtrail_s3.cloudtrail_days_predicate(
                "event_date", event_days.columns[0].values() | list
            )
        ) -%}
    {%- endfor -%}
    {%- do cloudtrail_s3.cloudtrail_count_kept(tables, first, event_days) -%}
    {%- for name in cloudtrail_s3.cloudtrail_log_day_models() -%}
        {%- do run_query("delete from " ~ tables[name] ~ expired) -%}
    {%- endfor -%}
{% endmacro %}


{% macro cloudtrail_log_day_models() %}
    {#- The names of the tables that are kept by log day, in that order. -#}
    {{- return([
        "fct_s3_requests",
        "int_s3_owner_copies",
        "fct_cloudtrail_log_files",
    ]) -}}
{% endmacro %}


{% macro cloudtrail_count_kept(tables, first, event_days) %}
    {#- Inserts the counts of the requests that stay. Athena writes 100
        partitions in one statement at most. -#}
    {%- for name in cloudtrail_s3.cloudtrail_daily_models() -%}
        {%- set columns = adapter.get_columns_in_relation(tables[name])
            | map(attribute="name") | join(", ") -%}
        {%- set daily = graph.nodes["model.cloudtrail_s3." ~ name]
            .config.meta.cloudtrail_daily -%}
        {%- for days in event_days.columns[0].values() | list | batch(100) -%}
            {%- do run_query(
                "insert into " ~ tables[name] ~ " (" ~ columns
                ~ ") select " ~ columns ~ " from ("
                ~ cloudtrail_s3.cloudtrail_daily_counts(
                    tables["fct_s3_requests"],
                    cloudtrail_s3.cloudtrail_days_predicate(
                        "event_date", days
                    ) ~ " and log_date >= date '" ~ first ~ "'",
                    daily
                ) ~ ") as counts"
            ) -%}
        {%- endfor -%}
    {%- endfor -%}
{% endmacro %}
