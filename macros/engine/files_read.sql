{#- What came of each thing that the run read: a file on DuckDB, a day on
    Athena. -#}

{% macro cloudtrail_files_read(files_to_read, file_days) %}
    {{- return(adapter.dispatch(
        "cloudtrail_files_read", "cloudtrail_s3"
    )(files_to_read, file_days)) -}}
{% endmacro %}


{% macro duckdb__cloudtrail_files_read(files_to_read, file_days) %}
    {#- Of files without an S3 record the status is asked for on its own. -#}
    {%- set silent_files = [] -%}
    {%- if cloudtrail_s3.cloudtrail_is_running() -%}
        {%- set silent_files = run_query(
            "select file_path from " ~ files_to_read ~ " where size > 0"
            ~ " and log_file not in (select log_file from " ~ file_days ~ ")"
        ).columns[0].values() | list -%}
    {%- endif -%}
    with counted as (

        select
            log_file,
            sum(s3_record_count) as s3_record_count
        from {{ file_days }}
        group by 1

    ),

    silent as (
        {%- if silent_files %}

        select
            file_path,
            max(case
                when json_array_length(json, '$.Records') > 0 then 'loaded'
                when
                    json_type(json, '$.Records') = 'ARRAY'
                    or json_type(json) = 'OBJECT'
                    and len(json_keys(json)) = 0
                    then 'empty'
                else ''
            end) as status
        from (
            {{ cloudtrail_s3.cloudtrail_envelopes(silent_files) }}
        ) as envelopes
        group by 1
        {%- else %}

        select '' as file_path, '' as status where false
        {%- endif %}

    )

    select
        files.log_path,
        files.log_file,
        files.log_date,
        files.size,
        files.modified_at,
        files.listed_at,
        files.is_rebuild,
        case
            when counted.log_file is not null then 'loaded'
            when silent.status = '' then 'ignored'
            else coalesce(silent.status, 'empty')
        end as status,
        -- of files of one name the first tells what they hold together
        cast(case
            when
                row_number() over (
                    partition by files.log_file
                    order by files.log_path
                ) = 1
                then coalesce(counted.s3_record_count, 0)
            else 0
        end as bigint) as s3_record_count
    from {{ files_to_read }} as files
    left join counted on files.log_file = counted.log_file
    left join silent on files.file_path = silent.file_path
{% endmacro %}


{% macro athena__cloudtrail_files_read(files_to_read, file_days) %}
    with counted as (

        select
            log_date,
            sum(s3_record_count) as s3_record_count
        from {{ file_days }}
        group by 1

    )

    select
        files.log_path,
        files.log_file,
        files.log_date,
        files.size,
        files.modified_at,
        files.listed_at,
        files.is_rebuild,
        cast(null as varchar) as status,
        cast(coalesce(counted.s3_record_count, 0) as bigint)
            as s3_record_count
    from {{ files_to_read }} as files
    left join counted on files.log_date = counted.log_date
{% endmacro %}
