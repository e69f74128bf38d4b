{#- What is stored already, and whether this run starts from nothing. -#}

{% macro cloudtrail_stored(model_name) %}
    {#- The relation of a model of this package as it is stored, or none.
        Not ref(): what a run reads depends on what was loaded before it. -#}
    {%- set node = graph.nodes["model.cloudtrail_s3." ~ model_name] -%}
    {{ return(adapter.get_relation(
        database=node.database, schema=node.schema, identifier=node.alias
    )) }}
{% endmacro %}


{% macro cloudtrail_remembering_models() %}
    {#- The names of all tables that hold what earlier runs loaded. -#}
    {{ return([
        "fct_s3_requests",
        "fct_cloudtrail_log_files",
        "fct_cloudtrail_loads",
        "int_s3_owner_copies",
    ] + cloudtrail_s3.cloudtrail_daily_models()) }}
{% endmacro %}


{% macro cloudtrail_required_materializations() %}
    {#- By the name of each model that a run loads files with. -#}
    {%- set required = {
        "stg_cloudtrail__events": "view",
        "stg_cloudtrail__records": "view",
        "int_cloudtrail_files_to_read": "table",
        "int_s3_batch": "table",
        "int_s3_owner_copies_read": "table",
        "int_cloudtrail_file_days": "table",
        "int_cloudtrail_files_read": "table",
        "int_s3_changed_partitions": "cloudtrail_table",
    } -%}
    {%- for name in cloudtrail_s3.cloudtrail_remembering_models() -%}
        {%- do required.update({name: "cloudtrail_incremental"}) -%}
    {%- endfor -%}
    {{ return(required) }}
{% endmacro %}


{% macro cloudtrail_check_materializations() %}
    {#- A project that installs this one may store its tables otherwise; those
        that hold what earlier runs loaded would keep the last run only. -#}
    {%- set required = cloudtrail_s3.cloudtrail_required_materializations() -%}
    {%- for name, materialized in required.items() -%}
        {%- set config = graph.nodes["model.cloudtrail_s3." ~ name].config -%}
        {%- if config.materialized != materialized
            or config.incremental_strategy
                not in [none, "cloudtrail_replace"] -%}
            {{ cloudtrail_s3.cloudtrail_stop(
                "the model " ~ name ~ " is materialized as "
                ~ config.materialized ~ " and must be " ~ materialized
                ~ " with a strategy of its own, or a run would lose what"
                ~ " earlier ones loaded; set +materialized and"
                ~ " +incremental_strategy in your dbt_project.yml for the"
                ~ " models of decisions and for public views only"
            ) }}
        {%- endif -%}
    {%- endfor -%}
{% endmacro %}


{% macro cloudtrail_check_selection() %}
    {#- A table that is left out of a run would never get its files: one that
        is not made anew, though a table that it is made from is. The models
        that come before a run changes anything ask, and the loads, which are
        not written then, so that the next run heals. -#}
    {%- if not cloudtrail_s3.cloudtrail_is_running()
        or model.resource_type != "model" -%}
        {{ return("") }}
    {%- endif -%}
    {%- if model.unique_id not in selected_resources -%}
        {#- dbt retry does not say what it runs. -#}
        {%- for option in ["select", "exclude", "selector"]
            if invocation_args_dict.get(option) -%}
            {{ cloudtrail_s3.cloudtrail_stop(
                "dbt retry cannot go on from this run, which left out models;"
                ~ " run dbt build"
            ) }}
        {%- endfor -%}
    {%- endif -%}
    {%- set prefix = "model.cloudtrail_s3." -%}
    {%- set tables = cloudtrail_s3.cloudtrail_required_materializations()
        .items() | rejectattr(1, "eq", "view") | map(attribute=0) | list -%}
    {%- for name in tables
        if prefix ~ "fct_cloudtrail_loads" in selected_resources
        and prefix ~ name not in selected_resources -%}
        {%- for parent in graph.nodes[prefix ~ name].depends_on.nodes
            if parent in selected_resources
            and parent | replace(prefix, "") in tables -%}
            {{ cloudtrail_s3.cloudtrail_stop(
                "this run would call files loaded that " ~ name ~ " does not"
                ~ " hold, and no later run would bring them; run dbt build"
                ~ " without leaving it out"
            ) }}
        {%- endfor -%}
    {%- endfor -%}
{% endmacro %}


{% macro cloudtrail_has_nothing_stored() %}
    {#- True until the first complete run, after a full refresh that was
        killed, and where a table that remembers files is gone. -#}
    {{ return(
        cloudtrail_s3.cloudtrail_missing_tables() | length > 0
        or run_query(
            "select 1 from "
            ~ cloudtrail_s3.cloudtrail_stored("fct_cloudtrail_loads")
            ~ " limit 1"
        ).rows | length == 0
    ) }}
{% endmacro %}


{% macro cloudtrail_missing_tables() %}
    {#- The names of the tables that are not there, of those without which
        nothing can be gone on with. -#}
    {%- set missing = [] -%}
    {%- for name in [
        "fct_s3_requests", "fct_cloudtrail_log_files", "fct_cloudtrail_loads"
    ] if cloudtrail_s3.cloudtrail_stored(name) is none -%}
        {%- do missing.append(name) -%}
    {%- endfor -%}
    {{ return(missing) }}
{% endmacro %}


{% macro cloudtrail_keeps_rows() %}
    {#- Whether rows that the model holds may stay in it. -#}
    {{ return(
        cloudtrail_s3.cloudtrail_has_table()
        and not cloudtrail_s3.cloudtrail_is_rebuild()
    ) }}
{% endmacro %}


{% macro cloudtrail_has_table() %}
    {#- Not is_incremental(), which knows dbt's own materialization only. -#}
    {{ return(execute and load_relation(this) is not none) }}
{% endmacro %}


{% macro cloudtrail_is_rebuild() %}
    {#- Whether this run reads everything, so that nothing stored survives:
        what it wrote down of itself, the same for all of its models. -#}
    {%- if not execute -%}
        {{ return(true) }}
    {%- endif -%}
    {%- set files_to_read = cloudtrail_s3.cloudtrail_stored(
        "int_cloudtrail_files_to_read"
    ) -%}
    {%- if files_to_read is none -%}
        {{ return(cloudtrail_s3.cloudtrail_has_nothing_stored()) }}
    {%- endif -%}
    {{ return(cloudtrail_s3.cloudtrail_rows_of_run(
        "select 1 from " ~ files_to_read ~ " where is_rebuild limit 1"
    ) | length > 0) }}
{% endmacro %}


{% macro cloudtrail_rows_of_run(query) %}
    {#- What a query on a table returns that this run has written for the
        models after it. These share `graph`, and ask once: on Athena each
        statement takes a second and is paid for. Tests, which may come before
        the table is written, ask for themselves. -#}
    {%- if model.resource_type != "model" -%}
        {{ return(run_query(query).rows | list) }}
    {%- endif -%}
    {%- set answers = graph.setdefault("cloudtrail_answers", {}).setdefault(
        invocation_id, {}
    ) -%}
    {%- if query not in answers -%}
        {%- do answers.update({query: run_query(query).rows | list}) -%}
    {%- endif -%}
    {{ return(answers[query]) }}
{% endmacro %}


{% macro cloudtrail_forget_rows_of_run() %}
    {#- After such a table is written. -#}
    {%- do graph.pop("cloudtrail_answers", none) -%}
{% endmacro %}


{% macro cloudtrail_unfinished_partitions() %}
    {#- What a run that stopped midway may have changed in the fact, as
        (event_date, log_date): the tables after the fact do not say so yet,
        and since then its files may have changed again. -#}
    {%- if not execute or cloudtrail_s3.cloudtrail_has_nothing_stored() -%}
        {{ return([]) }}
    {%- endif -%}
    {%- set changed_partitions = cloudtrail_s3.cloudtrail_stored(
        "int_s3_changed_partitions"
    ) -%}
    {%- if changed_partitions is none -%}
        {{ return([]) }}
    {%- endif -%}
    {{ return(run_query(
        "select event_date, log_date from " ~ changed_partitions
        ~ " where listed_at > (select max(loaded_at) from "
        ~ cloudtrail_s3.cloudtrail_stored("fct_cloudtrail_loads")
        ~ ") order by 1, 2"
    ).rows | list) }}
{% endmacro %}


{% macro cloudtrail_check_batch(batch) %}
    {#- Run once more, as a scheduler does with a task, a model would read the
        empty table that the fact leaves on DuckDB when it takes the batch
        over. -#}
    {%- if cloudtrail_s3.cloudtrail_is_running()
        and not run_query("select 1 from " ~ batch ~ " limit 1").rows
        and run_query(
            "select 1 from "
            ~ cloudtrail_s3.cloudtrail_stored("int_cloudtrail_file_days")
            ~ " where s3_record_count > 0 limit 1"
        ).rows -%}
        {{ cloudtrail_s3.cloudtrail_stop(
            "fct_s3_requests holds what this run read already; run dbt"
            ~ " build without a selection"
        ) }}
    {%- endif -%}
{% endmacro %}


{% macro cloudtrail_tell_missing_copies() %}
    {%- if cloudtrail_s3.cloudtrail_is_running()
        and not cloudtrail_s3.cloudtrail_has_table()
        and not cloudtrail_s3.cloudtrail_is_rebuild() -%}
        {%- do exceptions.warn(
            "cloudtrail_s3: " ~ this.identifier ~ " is new and knows the files"
            ~ " of this run alone; of buckets that other accounts use, a full"
            ~ " refresh shows what their owners' trails delivered before"
        ) -%}
    {%- endif -%}
{% endmacro %}


{% macro cloudtrail_check_refresh() %}
    {#- A table that is made anew alone, in a full refresh or because somebody
        has dropped it, would keep only the last run. -#}
    {%- if cloudtrail_s3.cloudtrail_is_running()
        and not cloudtrail_s3.cloudtrail_is_rebuild() -%}
        {%- if flags.FULL_REFRESH -%}
            {{ cloudtrail_s3.cloudtrail_stop(
                "a full refresh rebuilds all tables together; run dbt build"
                ~ " --full-refresh without a selection"
            ) }}
        {%- endif -%}
        {%- set missing = cloudtrail_s3.cloudtrail_missing_tables() -%}
        {%- if missing -%}
            {{ cloudtrail_s3.cloudtrail_stop(
                "the table " ~ missing[0] ~ " is gone, and all tables are"
                ~ " rebuilt together; run dbt build without a selection"
            ) }}
        {%- endif -%}
    {%- endif -%}
{% endmacro %}


{% macro cloudtrail_forget_loads() %}
    {#- Before a run changes its first table: a rebuild that is killed midway is
        a rebuild for the next run too, and what another run replaces is not
        loaded until it has ended. -#}
    {%- if cloudtrail_s3.cloudtrail_is_running() -%}
        {%- set loads = cloudtrail_s3.cloudtrail_stored(
            "fct_cloudtrail_loads"
        ) -%}
        {%- if loads is not none -%}
            {%- if cloudtrail_s3.cloudtrail_is_rebuild() -%}
                {{ cloudtrail_s3.cloudtrail_empty_table(loads) }}
            {%- else -%}
                {{ cloudtrail_s3.cloudtrail_forget_changed_files(loads) }}
            {%- endif -%}
        {%- endif -%}
    {%- endif -%}
{% endmacro %}


{% macro cloudtrail_check_written(files_read) %}
    {#- fct_cloudtrail_loads must not say more than the tables hold, also
        where somebody runs it alone. -#}
    {%- if cloudtrail_s3.cloudtrail_is_running() -%}
        {%- set log_files = cloudtrail_s3.cloudtrail_stored(
            "fct_cloudtrail_log_files"
        ) -%}
        {%- set missing = run_query(
            "select log_date from " ~ files_read
            ~ " where s3_record_count > 0 and ("
            ~ "log_file not in (select log_file from " ~ log_files
            ~ ") or log_date not in (select log_date from " ~ log_files
            ~ ")) limit 1"
        ).rows -%}
        {%- if missing -%}
            {{ cloudtrail_s3.cloudtrail_stop(
                "the tables do not hold the log day " ~ missing[0][0]
                ~ " yet; run dbt build without a selection"
            ) }}
        {%- endif -%}
    {%- endif -%}
{% endmacro %}


{% macro cloudtrail_column_values(relation, column) %}
    {#- The distinct values, to be written as literals: only those prune. -#}
    {%- if not execute -%}
        {{ return([]) }}
    {%- endif -%}
    {{ return(cloudtrail_s3.cloudtrail_rows_of_run(
        "select distinct " ~ column ~ " from " ~ relation
        ~ " where " ~ column ~ " is not null order by 1"
    ) | map(attribute=0) | list) }}
{% endmacro %}


{% macro cloudtrail_changed_days(column, changed_partitions, file_days) %}
    {#- What is kept by log file changes also where nothing in the file can be
        placed any more. -#}
    {%- set days = cloudtrail_s3.cloudtrail_column_values(
        changed_partitions, column
    ) -%}
    {%- if column == "log_date" -%}
        {%- set days = days + cloudtrail_s3.cloudtrail_column_values(
            file_days, column
        ) -%}
    {%- endif -%}
    {{ return(days | unique | sort) }}
{% endmacro %}


{% macro cloudtrail_days_predicate(column, days) %}
    {#- A range, and a list where days are missing in it. -#}
    {%- if days | length == 0 -%}
        {{ return("false") }}
    {%- endif -%}
    {%- set is_range = (days[-1] - days[0]).days + 1 == days | length -%}
    {{ return(
        column ~ " between date '" ~ days[0] ~ "' and date '" ~ days[-1] ~ "'"
        ~ (
            "" if is_range
            else " and " ~ column ~ " in ("
            ~ cloudtrail_s3.cloudtrail_date_literals(days) ~ ")"
        )
    ) }}
{% endmacro %}
