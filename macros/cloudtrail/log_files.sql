{#- What the path of a log file tells. Every expression depends on the path
    alone, so that DuckDB leaves a file out before it opens it. -#}

{% macro cloudtrail_path_below_root(path) -%}
    {%- set root = cloudtrail_s3.cloudtrail_root() | trim -%}
    {%- set folder = root if root.endswith("/") else root ~ "/" -%}
    case
        when starts_with(
            {{ path }}, {{ cloudtrail_s3.cloudtrail_literal(folder) }}
        )
            then substr({{ path }}, {{ folder | length + 1 }})
        else {{ cloudtrail_s3.cloudtrail_regexp_extract(
            path, "([^/]+)$"
        ) }}
    end
{%- endmacro %}


{% macro cloudtrail_log_file(path) -%}
    coalesce(
        {{ cloudtrail_s3.cloudtrail_regexp_extract(
            path, "^(?:.*/)?(AWSLogs/.*)$"
        ) }},
        {{ cloudtrail_s3.cloudtrail_path_below_root(path) }}
    )
{%- endmacro %}


{% macro cloudtrail_is_log_file(log_file) -%}
    {#- Below AWSLogs/ other services' files and CloudTrail's other kinds
        lie beside the event logs. -#}
    {{ cloudtrail_s3.cloudtrail_regexp_like(
        log_file, "[.]json([.]gz)?$"
    ) }}
    and not {{ cloudtrail_s3.cloudtrail_regexp_like(
        log_file,
        "(^|/)CloudTrail-(Digest|Insight|NetworkActivity|Aggregated)/"
        ~ "|_CloudTrail-(Digest|Insight|NetworkActivity|Aggregated)_[^/]*$"
    ) }}
    and (
        not starts_with({{ log_file }}, 'AWSLogs/')
        or {{ log_file }} like '%/CloudTrail/%'
    )
{%- endmacro %}


{% macro cloudtrail_log_date(log_file) -%}
    {#- Only try_cast: what may fail is not asked before a file is opened. -#}
    coalesce(
        try_cast(replace(
            {{ cloudtrail_s3.cloudtrail_regexp_extract(
                log_file, "^(?:.*/)?([0-9]{4}/[0-9]{2}/[0-9]{2})/"
            ) }},
            '/',
            '-'
        ) as date),
        try_cast({% for start, length in [(1, 4), (5, 2), (7, 2)] -%}
            substr({{ cloudtrail_s3.cloudtrail_regexp_extract(
                log_file, "_([0-9]{8})T[0-9]{4}Z_[^/]*$"
            ) }}, {{ start }}, {{ length }})
            {{- " || '-' || " if not loop.last }}
        {%- endfor %} as date),
        try_cast('1970-01-01' as date)
    )
{%- endmacro %}


{% macro cloudtrail_log_account_id(log_file) -%}
    coalesce(
        {{ cloudtrail_s3.cloudtrail_regexp_extract(
            log_file,
            "(?:^|/)([0-9]{12})_CloudTrail_[a-z0-9-]+_[0-9]{8}T[0-9]{4}Z_"
            ~ "[^/]*$"
        ) }},
        {{ cloudtrail_s3.cloudtrail_regexp_extract(
            log_file, "^AWSLogs/(?:[^/]+/)?([0-9]{12})/CloudTrail/"
        ) }}
    )
{%- endmacro %}


{% macro cloudtrail_log_region(log_file) -%}
    coalesce(
        {{ cloudtrail_s3.cloudtrail_regexp_extract(
            log_file,
            "(?:^|/)[0-9]{12}_CloudTrail_([a-z0-9-]+)_[0-9]{8}T[0-9]{4}Z_"
            ~ "[^/]*$"
        ) }},
        {{ cloudtrail_s3.cloudtrail_regexp_extract(
            log_file,
            "^AWSLogs/(?:[^/]+/)?[0-9]{12}/CloudTrail/([a-z0-9-]+)/"
        ) }}
    )
{%- endmacro %}


{% macro cloudtrail_is_wanted_file(path, log_file, log_date) -%}
    {#- The settings that a path alone can decide. -#}
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
        cloudtrail_s3.cloudtrail_log_account_id(log_file),
        cloudtrail_s3.cloudtrail_account_ids()
    ) }}
    {{ cloudtrail_s3.cloudtrail_wanted(
        cloudtrail_s3.cloudtrail_log_region(log_file),
        cloudtrail_s3.cloudtrail_regions()
    ) }}
{%- endmacro %}


{% macro cloudtrail_wanted(value, wanted) -%}
    {#- An unknown value is decided by the record later. -#}
    {%- if wanted -%}
    and coalesce({{ value }}, {{ cloudtrail_s3.cloudtrail_literal(
        wanted[0]
    ) }}) in ({{ cloudtrail_s3.cloudtrail_literals(wanted) }})
    {%- endif -%}
{%- endmacro %}


{% macro cloudtrail_path_ends_with(path, ending) -%}
    {%- set tail = "/" ~ ending.lstrip("/") -%}
    substr('/' || {{ path }}, -{{ tail | length }})
    = {{ cloudtrail_s3.cloudtrail_literal(tail) }}
{%- endmacro %}
