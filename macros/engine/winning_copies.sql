{#- The copies of a batch that become rows. DuckDB ranks those alone that may
    have others, because to rank wide rows costs more than to write them;
    Athena would have to read the batch twice. -#}

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
    union all
    {{ cloudtrail_s3.cloudtrail_first_copies(
        batch, columns, cloudtrail_s3.cloudtrail_may_have_copies(batch)
    ) }}
{%- endmacro %}


{% macro athena__cloudtrail_winning_copies(batch, columns) -%}
    {{ cloudtrail_s3.cloudtrail_first_copies(batch, columns, "true") }}
{%- endmacro %}


{% macro cloudtrail_first_copies(batch, columns, condition) -%}
    select
        {{ columns | join(",\n        ") }}
    from (
        select
            *,
            {{ cloudtrail_s3.cloudtrail_copy_rank(columns) | indent(12) }}
                as copy_rank
        from {{ batch }}
        where
            event_at is not null
            and request_key is not null
            and {{ condition }}
    ) as ranked
    where copy_rank = 1
{%- endmacro %}


{% macro cloudtrail_may_have_copies(batch) -%}
    {#- For DuckDB: hashes take less memory than keys. -#}
    hash(request_key) in (
        select hash(request_key)
        from {{ batch }}
        group by 1
        having count(*) > 1
    )
{%- endmacro %}
