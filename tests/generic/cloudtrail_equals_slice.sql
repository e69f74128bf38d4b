{% test cloudtrail_equals_slice(model, of, condition) %}
    {#- Both ways: a row too many and a row too few fail alike. -#}
    with slice as (

        select request_key, event_date
        from {{ cloudtrail_s3.cloudtrail_last_run(of) }}
        where {{ condition }}

    ),

    mart as (

        select request_key, event_date
        from {{ cloudtrail_s3.cloudtrail_last_run(model) }}

    ),

    missing as (

        select * from slice
        except
        select * from mart

    ),

    unexpected as (

        select * from mart
        except
        select * from slice

    )

    select * from missing
    union all
    select * from unexpected
{% endtest %}
