{#- What the path of a log file tells. DuckDB evaluates these for every file
    of a statement before it opens one: they are short, depend on the path
    alone, and hold no expression that may fail. -#}

{% macro cloudtrail_log_tail(path) -%}
    {#- The path below the root, or from the last AWSLogs/ in the root on. -#}
    substr({{ path }}, {{ cloudtrail_s3.cloudtrail_length_above_tail() + 1 }})
{%- endmacro %}


{% macro cloudtrail_length_above_tail() %}
    {%- set above = modules.re.match(
        "(?s)(.*/)?(?=AWSLogs/)", cloudtrail_s3.cloudtrail_root() ~ "/"
    ) -%}
    {{ return(
        above.end() if above else cloudtrail_s3.cloudtrail_length_above_root()
    ) }}
{% endmacro %}


{% macro cloudtrail_path_below_root(path) -%}
    substr({{ path }}, {{ cloudtrail_s3.cloudtrail_length_above_root() + 1 }})
{%- endmacro %}


{% macro cloudtrail_length_above_root() %}
    {%- set root = cloudtrail_s3.cloudtrail_root() -%}
    {%- if cloudtrail_s3.cloudtrail_root_is_file() -%}
        {%- set root = root.rpartition("/")[0:2] | join -%}
    {%- endif -%}
    {{ return((root if root.endswith("/") else root ~ "/") | length) }}
{% endmacro %}


{% macro cloudtrail_log_file(tail) -%}
    coalesce(
        {{ cloudtrail_s3.cloudtrail_regexp_extract(
            tail, "(?s)^(?:.*/)?(AWSLogs/.*)$"
        ) }},
        {{ tail }}
    )
{%- endmacro %}


{% macro cloudtrail_is_log_file(tail) -%}
    {#- Below AWSLogs/ other services' files and CloudTrail's other kinds
        lie beside the event logs. -#}
    {{ cloudtrail_s3.cloudtrail_regexp_like(
        tail, "[.]json([.]gz)?\\z"
    ) }}
    and not {{ cloudtrail_s3.cloudtrail_regexp_like(
        tail,
        cloudtrail_s3.cloudtrail_foreign_folder_pattern()
        ~ "|_CloudTrail-(Digest|Insight|NetworkActivity|Aggregated)_[^/]*$"
    ) }}
    and (
        {{ cloudtrail_s3.cloudtrail_regexp_like(
            tail, "(?s)(^|/)AWSLogs/(.*/)?CloudTrail/"
        ) }}
        or not {{ cloudtrail_s3.cloudtrail_regexp_like(
            tail, "(^|/)AWSLogs/"
        ) }}
    )
{%- endmacro %}


{% macro cloudtrail_foreign_folder_pattern() %}
    {#- Folders that hold no event logs, however deep they are. -#}
    {{ return(
        "(^|/)CloudTrail-(Digest|Insight|NetworkActivity|Aggregated)/"
        ~ "|(^|/)AWSLogs/([^/]+/)?[0-9]{12}/(Config|GuardDuty|WAFLogs"
        ~ "|elasticloadbalancing|globalaccelerator|network-firewall|redshift"
        ~ "|vpcdnsquerylogs|vpcflowlogs)/"
    ) }}
{% endmacro %}


{% macro cloudtrail_folder_pattern() %}
    {#- The account, the region, and yyyy, yyyy/mm or yyyy/mm/dd of a folder as
        CloudTrail names it. -#}
    {{ return(
        "(?:^|/)AWSLogs/(?:[^/]+/)?([0-9]{12})/CloudTrail/(?:([a-z0-9-]+)/"
        ~ "(?:([0-9]{4}(?:/[0-9]{2}(?:/[0-9]{2})?)?)/)?)?"
    ) }}
{% endmacro %}


{% macro cloudtrail_log_date(tail) -%}
    {#- Of the part that names the file: two of one name are of one day. Years
        from 1000 on: the year 0 is no date to what reads the tables. -#}
    {%- set log_file = cloudtrail_s3.cloudtrail_log_file(tail) -%}
    coalesce(
        try_cast(replace(
            regexp_extract(
                {{ log_file }}, '(?s)^(?:.*/)?([1-9][0-9]{3}/[0-9]{2}/[0-9]{2})/', 1
            ), '/', '-'
        ) as date),
        try_cast(
            regexp_extract(
                {{ log_file }}, '_([1-9][0-9]{3})[0-9]{4}T[0-9]{4}Z_[^/]*$', 1
            ) || '-'
            || regexp_extract(
                {{ log_file }}, '_[0-9]{4}([0-9]{2})[0-9]{2}T[0-9]{4}Z_[^/]*$', 1
            ) || '-'
            || regexp_extract(
                {{ log_file }}, '_[0-9]{6}([0-9]{2})T[0-9]{4}Z_[^/]*$', 1
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
    {%- set start = cloudtrail_s3.cloudtrail_first_wanted_day() -%}
    {{ log_date }} <= date '{{ cloudtrail_s3.cloudtrail_today() }}'
    {%- if start %}
    and {{ log_date }} >= date '{{ start }}'
    {%- endif %}
    {{ cloudtrail_s3.cloudtrail_is_wanted_folder(tail) }}
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


{% macro cloudtrail_is_wanted_folder(tail) -%}
    {#- CloudTrail's folders of other accounts, regions and times hold nothing
        that is wanted, whatever lies in them: on S3 they are not listed. -#}
    {%- set parts = [] -%}
    {%- for number in [1, 2, 3] -%}
        {%- do parts.append(
            "regexp_extract(" ~ tail ~ ", "
            ~ cloudtrail_s3.cloudtrail_literal(
                cloudtrail_s3.cloudtrail_folder_pattern()
            ) ~ ", " ~ number ~ ")"
        ) -%}
    {%- endfor -%}
    {%- set account_ids = cloudtrail_s3.cloudtrail_account_ids() -%}
    {%- set regions = cloudtrail_s3.cloudtrail_regions() -%}
    {%- set start, end = cloudtrail_s3.cloudtrail_folder_bounds() -%}
    {%- if account_ids %}
    and {{ parts[0] }} in (
        '', {{ cloudtrail_s3.cloudtrail_literals(account_ids) }}
    )
    {%- endif %}
    {%- if regions %}
    and {{ parts[1] }} in (
        '', {{ cloudtrail_s3.cloudtrail_literals(regions) }}
    )
    {%- endif %}
    {%- if start %}
    and {{ parts[2] }} >= substr('{{ start }}', 1, length({{ parts[2] }}))
    {%- endif %}
    {%- if end %}
    and {{ parts[2] }} <= substr('{{ end }}', 1, length({{ parts[2] }}))
    {%- endif %}
{%- endmacro %}


{% macro cloudtrail_folder_bounds() %}
    {#- The first and the last day, each yyyy/mm/dd or empty. -#}
    {{ return((
        cloudtrail_s3.cloudtrail_first_wanted_day().replace("-", "/"),
        cloudtrail_s3.cloudtrail_var_date("cloudtrail_end_date").replace(
            "-", "/"
        ),
    )) }}
{% endmacro %}


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
