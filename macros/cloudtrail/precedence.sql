{#- Which of a request's copies is its row: the latest UPDATED_DATA record,
    then a copy with the caller's ARN, then the first delivered. Once as an
    order and once as a comparison; they say the same. -#}

{% macro cloudtrail_copy_columns() %}
    {{- return([
        "request_key",
        "event_date",
        "log_date",
        "log_file",
        "user_arn",
        "addendum_reason",
    ]) -}}
{% endmacro %}


{% macro cloudtrail_copy_rank(content) -%}
    row_number() over (
        partition by request_key, event_date
        order by
            {{ cloudtrail_s3.cloudtrail_copy_order(content) | indent(12) }}
    )
{%- endmacro %}


{% macro cloudtrail_copy_order(content) -%}
    {#- Copies in files of one name can be the same up to their content: then
        this decides, so that the order of reading never does. JSON last: its
        text is not the same on both engines. -#}
    {%- set json_columns = ["additional_event_data", "request_parameters"] -%}
    {%- set ordered = content | reject("in", json_columns) | sort
        + (content | select("in", json_columns) | sort) -%}
    case when addendum_reason = 'UPDATED_DATA' then 0 else 1 end asc,
    case when addendum_reason = 'UPDATED_DATA' then log_date end
    desc nulls last,
    case when addendum_reason = 'UPDATED_DATA' then log_file end
    desc nulls last,
    case when user_arn is not null then 0 else 1 end asc,
    log_date asc,
    log_file asc,
    event_id asc nulls last
    {%- for column in ordered %},
    {{ column }} asc nulls last
    {%- endfor %}
{%- endmacro %}


{% macro cloudtrail_copy_wins(copy, other) -%}
    {#- For copies from different files. -#}
    {%- set copy_is_update =
        "coalesce(" ~ copy ~ ".addendum_reason = 'UPDATED_DATA', false)" -%}
    {%- set other_is_update =
        "coalesce(" ~ other ~ ".addendum_reason = 'UPDATED_DATA', false)" -%}
    case
        when {{ copy_is_update }} != {{ other_is_update }}
            then {{ copy_is_update }}
        when {{ copy_is_update }}
            then
                {{ copy }}.log_date > {{ other }}.log_date
                or (
                    {{ copy }}.log_date = {{ other }}.log_date
                    and {{ copy }}.log_file > {{ other }}.log_file
                )
        when ({{ copy }}.user_arn is null) != ({{ other }}.user_arn is null)
            then {{ copy }}.user_arn is not null
        else
            {{ copy }}.log_date < {{ other }}.log_date
            or (
                {{ copy }}.log_date = {{ other }}.log_date
                and {{ copy }}.log_file < {{ other }}.log_file
            )
    end
{%- endmacro %}
