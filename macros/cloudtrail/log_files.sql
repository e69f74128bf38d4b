{#- What the path of a log file tells. DuckDB evaluates these for every file
    of a statement before it opens one: they are short, depend on the path
    alone, and hold no expression that may fail. -#}

{% macro cloudtrail_log_tail(path) -%}
    {#- The path below the root, or from the last AWSLogs/ in the root on. -#}
    {%- set root = cloudtrail_s3.cloudtrail_root() -%}
    {%- set above = modules.re.match("(.*/)?(?=AWSLogs/)", root ~ "/") -%}
    {%- if above -%}
        substr({{ path }}, {{ above.end() + 1 }})
    {%- else -%}
        {{ cloudtrail_s3.cloudtrail_path_below_root(path) }}
    {%- endif -%}
{%- endmacro %}


{% macro cloudtrail_path_below_root(path) -%}
    {%- set root = cloudtrail_s3.cloudtrail_root() -%}
    {%- if cloudtrail_s3.cloudtrail_root_is_file() -%}
        {%- set above = root.rpartition("/")[0:2] | join -%}
    {%- else -%}
        {%- set above = root if root.endswith("/") else root ~ "/" -%}
    {%- endif -%}
    substr({{ path }}, {{ above | length + 1 }})
{%- endmacro %}


{% macro cloudtrail_log_file(tail) -%}
    coalesce(
        {{ cloudtrail_s3.cloudtrail_regexp_extract(
            tail, "^(?:.*/)?(AWSLogs/.*)$"
        ) }},
        {{ tail }}
    )
{%- endmacro %}


{% macro cloudtrail_is_log_file(tail) -%}
    {#- Below AWSLogs/ other services' files and CloudTrail's other kinds
        lie beside the event logs. -#}
    {{ cloudtrail_s3.cloudtrail_regexp_like(tail, "[.]json([.]gz)?$") }}
    and not {{ cloudtrail_s3.cloudtrail_regexp_like(
        tail,
        "(^|/)CloudTrail-(Digest|Insight|NetworkActivity|Aggregated)/"
        ~ "|_CloudTrail-(Digest|Insight|NetworkActivity|Aggregated)_[^/]*$"
    ) }}
    and (
        {{ cloudtrail_s3.cloudtrail_regexp_like(
            tail, "(^|/)AWSLogs/(.*/)?CloudTrail/"
        ) }}
        or not {{ cloudtrail_s3.cloudtrail_regexp_like(
            tail, "(^|/)AWSLogs/"
        ) }}
    )
{%- endmacro %}


{% macro cloudtrail_log_date(tail) -%}
    coalesce(
        try_cast(replace(
            regexp_extract(
                {{ tail }}, '^(?:.*/)?([0-9]{4}/[0-9]{2}/[0-9]{2})/', 1
            ), '/', '-'
        ) as date),
        try_cast(
            regexp_extract(
                {{ tail }}, '_([0-9]{4})[0-9]{4}T[0-9]{4}Z_[^/]*$', 1
            ) || '-'
            || regexp_extract(
                {{ tail }}, '_[0-9]{4}([0-9]{2})[0-9]{2}T[0-9]{4}Z_[^/]*$', 1
            ) || '-'
            || regexp_extract(
                {{ tail }}, '_[0-9]{6}([0-9]{2})T[0-9]{4}Z_[^/]*$', 1
            ) as date
        ),
        try_cast('1970-01-01' as date)
    )
{%- endmacro %}


{% macro cloudtrail_log_account_id(tail) -%}
    coalesce(
        {{ cloudtrail_s3.cloudtrail_regexp_extract(
            tail,
            "(?:^|/)([0-9]{12})_CloudTrail_[a-z0-9-]+_[0-9]{8}T[0-9]{4}Z_"
            ~ "[^/]*$"
        ) }},
        {{ cloudtrail_s3.cloudtrail_regexp_extract(
            tail, "(?:^|/)AWSLogs/(?:[^/]+/)?([0-9]{12})/CloudTrail/"
        ) }}
    )
{%- endmacro %}


{% macro cloudtrail_log_region(tail) -%}
    coalesce(
        {{ cloudtrail_s3.cloudtrail_regexp_extract(
            tail,
            "(?:^|/)[0-9]{12}_CloudTrail_([a-z0-9-]+)_[0-9]{8}T[0-9]{4}Z_"
            ~ "[^/]*$"
        ) }},
        {{ cloudtrail_s3.cloudtrail_regexp_extract(
            tail,
            "(?:^|/)AWSLogs/(?:[^/]+/)?[0-9]{12}/CloudTrail/([a-z0-9-]+)/"
        ) }}
    )
{%- endmacro %}


{% macro cloudtrail_is_wanted_file(path, tail, log_date) -%}
    {#- The settings that a path alone can decide; where it does not tell the
        account or region, the record does. -#}
    {%- set start = cloudtrail_s3.cloudtrail_start_date() -%}
    {{ log_date }} <= date '{{ cloudtrail_s3.cloudtrail_today() }}'
    {%- if start %}
    and {{ log_date }} >= date '{{ start }}'
    {%- endif %}
    {%- for excluded in cloudtrail_s3.cloudtrail_var_list(
        "cloudtrail_excluded_files"
    ) %}
    and not {{ cloudtrail_s3.cloudtrail_path_ends_with(path, excluded) }}
    {%- endfor %}
    {{ cloudtrail_s3.cloudtrail_wanted(
        cloudtrail_s3.cloudtrail_log_account_id(tail),
        cloudtrail_s3.cloudtrail_account_ids(),
        unknown_too=true
    ) }}
    {{ cloudtrail_s3.cloudtrail_wanted(
        cloudtrail_s3.cloudtrail_log_region(tail),
        cloudtrail_s3.cloudtrail_regions(),
        unknown_too=true
    ) }}
{%- endmacro %}


{% macro cloudtrail_wanted(value, wanted, unknown_too=false) -%}
    {%- if wanted -%}
    and coalesce({{ value }}, {{ cloudtrail_s3.cloudtrail_literal(
        wanted[0] if unknown_too else ""
    ) }}) in ({{ cloudtrail_s3.cloudtrail_literals(wanted) }})
    {%- endif -%}
{%- endmacro %}


{% macro cloudtrail_path_ends_with(path, ending) -%}
    {%- set tail = "/" ~ ending.lstrip("/") -%}
    substr('/' || {{ path }}, -{{ tail | length }})
    = {{ cloudtrail_s3.cloudtrail_literal(tail) }}
{%- endmacro %}
