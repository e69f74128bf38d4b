{#-
    Prints what the last run scanned, by node, and what that costs at
    cloudtrail_price_per_tb; fails above cloudtrail_cost_budget. `results` is
    what dbt gives to an on-run-end hook, or the list of run_results.json, which
    `make cost-report` hands over: a macro cannot read files.
-#}
{% macro cloudtrail_cost_report(results=none, limit=20) %}
    {%- if not execute -%}
        {{ return("") }}
    {%- endif -%}
    {%- set price = cloudtrail_s3.cloudtrail_var_amount(
        "cloudtrail_price_per_tb"
    ) -%}
    {%- set budget = cloudtrail_s3.cloudtrail_var_amount(
        "cloudtrail_cost_budget"
    ) -%}
    {%- set limit = cloudtrail_s3.cloudtrail_count("limit", limit) -%}
    {%- if results is none or results is mapping or results is string -%}
        {{ cloudtrail_s3.cloudtrail_stop(
            "results must be those of a run; use make cost-report, or call"
            ~ " cloudtrail_cost_report in an on-run-end hook with results"
        ) }}
    {%- endif -%}
    {%- set nodes = [] -%}
    {%- for result in results -%}
        {%- do nodes.append(cloudtrail_s3.cloudtrail_node_cost(result)) -%}
    {%- endfor -%}
    {%- set total = nodes | sum(attribute="bytes") -%}
    {%- set unknown = nodes | selectattr("is_known", "equalto", false) | list
    -%}
    {%- set cost = total * price / 1000000000000 -%}
    {%- do print(
        "Scanned " ~ cloudtrail_s3.cloudtrail_number(total) ~ " bytes in "
        ~ nodes | length ~ " nodes: "
        ~ cloudtrail_s3.cloudtrail_money(cost) ~ " at "
        ~ cloudtrail_s3.cloudtrail_money(price) ~ " a TB"
    ) -%}
    {%- if unknown -%}
        {%- do print(
            unknown | length ~ " nodes do not tell what they scanned (views,"
            ~ " hooks' queries and DuckDB never do)"
        ) -%}
    {%- endif -%}
    {%- for line in cloudtrail_s3.cloudtrail_cost_table(
        nodes, price, limit
    ) -%}
        {%- do print(line) -%}
    {%- endfor -%}
    {%- if budget and cost > budget -%}
        {{ cloudtrail_s3.cloudtrail_stop(
            "the run scanned for " ~ cloudtrail_s3.cloudtrail_money(cost)
            ~ ", more than cloudtrail_cost_budget ("
            ~ cloudtrail_s3.cloudtrail_money(budget) ~ ")"
        ) }}
    {%- endif -%}
{% endmacro %}


{% macro cloudtrail_node_cost(result) %}
    {%- set name = result.unique_id if result.unique_id else
        result.node.unique_id -%}
    {%- set response = result.adapter_response or {} -%}
    {%- set bytes = response.get("data_scanned_in_bytes") -%}
    {%- if bytes is none -%}
        {#- The answer of dbt-athena's CREATE TABLE AS, as JSON. -#}
        {%- set told = modules.re.search(
            '"data_scanned_in_bytes": *([0-9]+)',
            response.get("_message", "") | string
        ) -%}
        {%- set bytes = told.group(1) | int if told else none -%}
    {%- endif -%}
    {{ return({
        "name": name.split(".")[2] if "." in name else name,
        "bytes": bytes or 0,
        "is_known": bytes is not none,
        "seconds": result.execution_time or 0,
    }) }}
{% endmacro %}


{% macro cloudtrail_cost_table(nodes, price, limit) %}
    {%- set cells = [] -%}
    {%- set scanned = nodes | selectattr("is_known") | list -%}
    {%- for node in (
        scanned | sort(attribute="name") | sort(attribute="bytes", reverse=true)
    )[:limit] -%}
        {%- do cells.append([
            node.name,
            node.bytes,
            cloudtrail_s3.cloudtrail_money(node.bytes * price / 1000000000000),
            "%.1f" | format(node.seconds),
        ]) -%}
    {%- endfor -%}
    {{ return(cloudtrail_s3.cloudtrail_text_table(
        ["node", "bytes scanned", "cost", "seconds"], [56, -18, -12, -8], cells
    ) if cells else []) }}
{% endmacro %}


{% macro cloudtrail_money(amount) %}
    {{ return("{:,.4f}".format(amount)) }}
{% endmacro %}
