{#-
    ALTER TABLE statements that add (action "add") or drop ("drop") the
    partitions of every day from start to end, in every listed account and
    region. Athena refuses a text of more than 262,144 bytes, so that a long
    list becomes several statements.
-#}
{% macro cloudtrail_partition_statements(action, start, end) %}
    {%- set longest = 262144 -%}
    {%- set head = "alter table " ~ cloudtrail_s3.cloudtrail_source_table()
        ~ {"add": " add if not exists", "drop": " drop if exists"}[action]
    -%}
    {%- set separator = {"add": "\n    ", "drop": ",\n    "}[action] -%}
    {%- set folders = cloudtrail_s3.cloudtrail_partition_folders() -%}
    {%- set batch = namespace(day=start, clauses=[], bytes=0) -%}
    {%- set statements = [] -%}
    {%- for _ in range(cloudtrail_s3.cloudtrail_days_between(start, end)) -%}
        {%- set year, month, day = batch.day.split("-") -%}
        {%- for folder in folders -%}
            {%- set clause = "partition (" ~ folder["spec"]
                ~ "year = '" ~ year ~ "', month = '" ~ month
                ~ "', day = '" ~ day ~ "')" -%}
            {%- if action == "add" -%}
                {%- set clause = clause ~ "\n        location '"
                    ~ folder["location"] ~ year ~ "/" ~ month ~ "/" ~ day
                    ~ "/'" -%}
            {%- endif -%}
            {%- set bytes =
                (separator ~ clause).encode("utf-8") | length -%}
            {%- if batch.clauses and batch.bytes + bytes > longest -%}
                {%- do statements.append(
                    head ~ "\n    " ~ batch.clauses | join(separator)
                ) -%}
                {%- set batch.clauses = [] -%}
            {%- endif -%}
            {%- if not batch.clauses -%}
                {%- set batch.bytes = head | length -%}
            {%- endif -%}
            {%- do batch.clauses.append(clause) -%}
            {%- set batch.bytes = batch.bytes + bytes -%}
        {%- endfor -%}
        {%- set batch.day = cloudtrail_s3.cloudtrail_add_days(
            batch.day, 1
        ) -%}
    {%- endfor -%}
    {%- if batch.clauses -%}
        {%- do statements.append(
            head ~ "\n    " ~ batch.clauses | join(separator)
        ) -%}
    {%- endif -%}
    {{ return(statements) }}
{% endmacro %}


{% macro cloudtrail_partition_folders() %}
    {#- Start of the partition's name and location per account and region. -#}
    {%- set accounts =
        cloudtrail_s3.cloudtrail_listed("cloudtrail_account_ids") -%}
    {%- set regions =
        cloudtrail_s3.cloudtrail_listed("cloudtrail_regions") -%}
    {%- set base = cloudtrail_s3.cloudtrail_logs_location() -%}
    {%- set folders = [] -%}
    {%- for account in accounts -%}
        {%- for region in regions -%}
            {%- set location = cloudtrail_s3.cloudtrail_hive_string(
                base ~ account ~ "/CloudTrail/" ~ region ~ "/"
            ) -%}
            {%- do folders.append({
                "spec":
                    ("account = '" ~ account ~ "', "
                    if accounts | length > 1 else "")
                    ~ "region = '" ~ region ~ "', ",
                "location": location[1:-1],
            }) -%}
        {%- endfor -%}
    {%- endfor -%}
    {{ return(folders) }}
{% endmacro %}


{% macro cloudtrail_require_partitioned() %}
    {%- set layout = cloudtrail_s3.cloudtrail_layout() -%}
    {%- if layout != "partitioned" -%}
        {{ cloudtrail_s3.cloudtrail_stop(
            "cloudtrail_layout is " ~ layout ~ ": such a table has no"
            ~ " partitions to add or drop, only a partitioned one has"
        ) }}
    {%- endif -%}
{% endmacro %}
