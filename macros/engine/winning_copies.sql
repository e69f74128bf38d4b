{#- The copies of a batch that become rows. On DuckDB a sort costs by the
    columns that it sorts by and carries along, so that those alone are ranked
    which may have copies, and by their content those alone which nothing else
    may tell apart. Athena would have to read the batch again for each part. -#}

{% macro cloudtrail_winning_copies(batch, columns) %}
    {{- return(adapter.dispatch(
        "cloudtrail_winning_copies", "cloudtrail_s3"
    )(batch, columns)) -}}
{% endmacro %}


{% macro duckdb__cloudtrail_winning_copies(batch, columns) -%}
    select
        {{ columns | join(",\n        ") }}
    from {{ batch }}
    where
        event_at is not null
        and request_key is not null
        and not {{ cloudtrail_s3.cloudtrail_may_have_copies(batch) }}
    {%- for content, condition in
        cloudtrail_s3.cloudtrail_ranked_parts(batch, columns) %}
    union all
    {{ cloudtrail_s3.cloudtrail_first_copies(
        batch, columns, content, condition
    ) }}
    {%- endfor %}
{%- endmacro %}


{% macro athena__cloudtrail_winning_copies(batch, columns) -%}
    {{ cloudtrail_s3.cloudtrail_first_copies(batch, columns, columns, "true") }}
{%- endmacro %}


{% macro cloudtrail_first_copies(batch, columns, content, condition) -%}
    select
        {{ columns | join(",\n        ") }}
    from (
        select
            *,
            {{ cloudtrail_s3.cloudtrail_copy_rank(content) | indent(12) }}
                as copy_rank
        from {{ batch }}
        where
            event_at is not null
            and request_key is not null
            and {{ condition }}
    ) as ranked
    where copy_rank = 1
{%- endmacro %}


{% macro cloudtrail_ranked_parts(batch, columns) %}
    {#- DuckDB: what to rank by, and a condition, of each part. -#}
    {%- set have_copies = cloudtrail_s3.cloudtrail_may_have_copies(batch) -%}
    {%- set are_tied = cloudtrail_s3.cloudtrail_may_be_tied(batch) -%}
    {{ return([
        ([], have_copies ~ " and not " ~ are_tied),
        (columns, are_tied),
    ]) }}
{% endmacro %}


{% macro cloudtrail_may_have_copies(batch) -%}
    {#- Hashes take less memory than keys. -#}
    hash(request_key) in (
        select hash(request_key)
        from {{ batch }}
        group by 1
        having count(*) > 1
    )
{%- endmacro %}


{% macro cloudtrail_may_be_tied(batch) -%}
    hash(request_key) in (
        select hash(request_key)
        from {{ batch }}
        where {{ cloudtrail_s3.cloudtrail_may_have_copies(batch) }}
        group by hash(request_key), hash(log_file), hash(event_id)
        having count(*) > 1
    )
{%- endmacro %}
