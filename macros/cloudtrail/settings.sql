{#- The variables, validated: nothing else reads var() of these kinds. -#}

{% macro cloudtrail_root() %}
    {%- set given = var("cloudtrail_root", "") or
        env_var("CLOUDTRAIL_ROOT", "") -%}
    {%- set root = (given | string).strip() -%}
    {%- if root == "" -%}
        {{ cloudtrail_s3.cloudtrail_stop(
            "cloudtrail_root is not set; give the folder, file or s3://"
            ~ " prefix that holds the CloudTrail files, as the variable"
            ~ " cloudtrail_root or in the environment as CLOUDTRAIL_ROOT"
        ) }}
    {%- endif -%}
    {%- set root = modules.re.sub("(?<!:)/+", "/", root) -%}
    {{ return(root if root == "/" else root.rstrip("/")) }}
{% endmacro %}


{% macro cloudtrail_var_list(name) %}
    {%- set given = var(name, []) -%}
    {%- if given is string -%}
        {%- set given = given.split(",") if given else [] -%}
    {%- elif given is none -%}
        {%- set given = [] -%}
    {%- elif given is not sequence or given is mapping -%}
        {{ cloudtrail_s3.cloudtrail_stop(
            name ~ " must be a list, it is " ~ given
        ) }}
    {%- endif -%}
    {%- set values = [] -%}
    {%- for value in given -%}
        {%- set text = (value | string).strip() -%}
        {%- if text == "" or value is none or value is boolean
            or value is mapping -%}
            {{ cloudtrail_s3.cloudtrail_stop(
                name ~ " holds a value that is no text: " ~ given
            ) }}
        {%- endif -%}
        {%- do values.append(text) -%}
    {%- endfor -%}
    {{ return(values) }}
{% endmacro %}


{% macro cloudtrail_account_ids() %}
    {%- set values = cloudtrail_s3.cloudtrail_var_list(
        "cloudtrail_account_ids"
    ) -%}
    {%- for value in values -%}
        {%- if not modules.re.fullmatch("[0-9]{12}", value) -%}
            {{ cloudtrail_s3.cloudtrail_stop(
                "cloudtrail_account_ids: " ~ value ~ " is no account id;"
                ~ " an account id has 12 digits and is given in quotes"
            ) }}
        {%- endif -%}
    {%- endfor -%}
    {{ return(values) }}
{% endmacro %}


{% macro cloudtrail_regions() %}
    {%- set values = cloudtrail_s3.cloudtrail_var_list(
        "cloudtrail_regions"
    ) -%}
    {%- for value in values -%}
        {%- if not modules.re.fullmatch(
            "[a-z]{2,}(-[a-z]+)+-[0-9]+", value
        ) -%}
            {{ cloudtrail_s3.cloudtrail_stop(
                "cloudtrail_regions: " ~ value ~ " is no region;"
                ~ " a region is written like us-east-1"
            ) }}
        {%- endif -%}
    {%- endfor -%}
    {{ return(values) }}
{% endmacro %}


{% macro cloudtrail_var_date(name) %}
    {%- set given = var(name, "") or "" -%}
    {{ return(
        cloudtrail_s3.cloudtrail_day(name, given) if given else ""
    ) }}
{% endmacro %}


{% macro cloudtrail_var_boolean(name) %}
    {%- set text = (var(name, false) | string).lower() -%}
    {%- if text not in ["true", "false"] -%}
        {{ cloudtrail_s3.cloudtrail_stop(
            name ~ " must be true or false, it is " ~ var(name)
        ) }}
    {%- endif -%}
    {{ return(text == "true") }}
{% endmacro %}


{% macro cloudtrail_var_integer(name, unit="days", digits=5) %}
    {%- set text = var(name, 0) | string -%}
    {%- if not modules.re.fullmatch("[0-9]{1," ~ digits ~ "}", text) -%}
        {{ cloudtrail_s3.cloudtrail_stop(
            name ~ " must be a whole number of " ~ unit ~ ", it is " ~ text
        ) }}
    {%- endif -%}
    {{ return(text | int(0)) }}
{% endmacro %}


{% macro cloudtrail_var_amount(name) %}
    {%- set given = var(name, none) -%}
    {%- if given is none -%}
        {#- In a hook of another project var() knows that project's own. -#}
        {%- set given = graph.nodes["model.cloudtrail_s3.fct_cloudtrail_loads"]
            .config.meta.cloudtrail_costs[name] -%}
    {%- endif -%}
    {%- set text = given | string -%}
    {%- if not modules.re.fullmatch("[0-9]{1,9}([.][0-9]{1,9})?", text) -%}
        {{ cloudtrail_s3.cloudtrail_stop(
            name ~ " must be an amount such as 5 or 0.25, it is " ~ text
        ) }}
    {%- endif -%}
    {{ return(text | float) }}
{% endmacro %}


{% macro cloudtrail_count(name, value) %}
    {%- if not modules.re.fullmatch("[0-9]{1,6}", value | string) -%}
        {{ cloudtrail_s3.cloudtrail_stop(
            name ~ " must be a whole number, it is " ~ value
        ) }}
    {%- endif -%}
    {{ return(value | int(0)) }}
{% endmacro %}


{% macro cloudtrail_flag(name, value) %}
    {#- A text, such as "false", would count as true. -#}
    {%- if value is not boolean -%}
        {{ cloudtrail_s3.cloudtrail_stop(
            name ~ " must be true or false, it is " ~ value
        ) }}
    {%- endif -%}
{% endmacro %}


{% macro cloudtrail_outlier_days() %}
    {#- Every day of the range is kept in memory for each row. -#}
    {%- set days = cloudtrail_s3.cloudtrail_var_integer(
        "cloudtrail_outlier_days"
    ) -%}
    {%- if days < 7 or days > 366 -%}
        {{ cloudtrail_s3.cloudtrail_stop(
            "cloudtrail_outlier_days must be from 7 to 366, it is " ~ days
        ) }}
    {%- endif -%}
    {{ return(days) }}
{% endmacro %}


{% macro cloudtrail_outlier_min_bytes() %}
    {{ return(cloudtrail_s3.cloudtrail_var_integer(
        "cloudtrail_outlier_min_bytes", "bytes", 18
    )) }}
{% endmacro %}


{% macro cloudtrail_today() %}
    {{ return(
        cloudtrail_s3.cloudtrail_var_date("cloudtrail_end_date")
        or modules.datetime.datetime.now(modules.pytz.utc).strftime(
            "%Y-%m-%d"
        )
    ) }}
{% endmacro %}


{% macro cloudtrail_start_date() %}
    {%- set start = cloudtrail_s3.cloudtrail_var_date(
        "cloudtrail_start_date"
    ) -%}
    {%- set end = cloudtrail_s3.cloudtrail_var_date(
        "cloudtrail_end_date"
    ) -%}
    {%- if start and end and start > end -%}
        {{ cloudtrail_s3.cloudtrail_stop(
            "cloudtrail_end_date " ~ end ~ " is before"
            ~ " cloudtrail_start_date " ~ start
        ) }}
    {%- endif -%}
    {{ return(start) }}
{% endmacro %}


{% macro cloudtrail_first_kept_day() %}
    {#- Log days before it are past the retention; empty where all are kept. -#}
    {%- set days = cloudtrail_s3.cloudtrail_var_integer(
        "cloudtrail_retention_days"
    ) -%}
    {{ return(
        cloudtrail_s3.cloudtrail_add_days(
            cloudtrail_s3.cloudtrail_today(), -days
        ) if days else ""
    ) }}
{% endmacro %}


{% macro cloudtrail_first_wanted_day() %}
    {#- The first log day that a run may read, empty where all are wanted. -#}
    {{ return([
        cloudtrail_s3.cloudtrail_start_date(),
        cloudtrail_s3.cloudtrail_first_kept_day(),
    ] | max) }}
{% endmacro %}


{% macro cloudtrail_backfill_range() %}
    {#- The first and the last log day that the run is told to read, both
        empty in an ordinary run. -#}
    {%- set start = cloudtrail_s3.cloudtrail_var_date(
        "cloudtrail_backfill_start"
    ) -%}
    {%- set end = cloudtrail_s3.cloudtrail_var_date(
        "cloudtrail_backfill_end"
    ) -%}
    {%- if start or end -%}
        {%- set first = cloudtrail_s3.cloudtrail_first_wanted_day() -%}
        {%- set last = cloudtrail_s3.cloudtrail_today() -%}
        {%- if not start or not end -%}
            {{ cloudtrail_s3.cloudtrail_stop(
                "cloudtrail_backfill_" ~ ("end" if start else "start")
                ~ " is empty; a backfill needs its first and its last day"
            ) }}
        {%- elif start > end -%}
            {{ cloudtrail_s3.cloudtrail_stop(
                "cloudtrail_backfill_end " ~ end ~ " is before"
                ~ " cloudtrail_backfill_start " ~ start
            ) }}
        {%- elif start < first -%}
            {{ cloudtrail_s3.cloudtrail_stop(
                "cloudtrail_backfill_start " ~ start ~ " is before " ~ first
                ~ ", the first log day that cloudtrail_start_date and"
                ~ " cloudtrail_retention_days let through"
            ) }}
        {%- elif end > last -%}
            {{ cloudtrail_s3.cloudtrail_stop(
                "cloudtrail_backfill_end " ~ end ~ " is after " ~ last
                ~ ", the last log day to read (cloudtrail_end_date, else"
                ~ " today)"
            ) }}
        {%- elif flags.FULL_REFRESH -%}
            {{ cloudtrail_s3.cloudtrail_stop(
                "a full refresh keeps nothing, so one of the days " ~ start
                ~ " to " ~ end ~ " alone would lose the others; run it"
                ~ " without cloudtrail_backfill_start and"
                ~ " cloudtrail_backfill_end, or run the backfill without a"
                ~ " full refresh"
            ) }}
        {%- endif -%}
    {%- endif -%}
    {{ return((start, end)) }}
{% endmacro %}


{% macro cloudtrail_settings() %}
    {#- What the tables were built from. Another end only reads further. -#}
    {{ return({
        "cloudtrail_root": cloudtrail_s3.cloudtrail_root(),
        "cloudtrail_account_ids":
            cloudtrail_s3.cloudtrail_account_ids() | sort,
        "cloudtrail_regions": cloudtrail_s3.cloudtrail_regions() | sort,
        "cloudtrail_start_date": cloudtrail_s3.cloudtrail_start_date(),
        "cloudtrail_excluded_files": cloudtrail_s3.cloudtrail_var_list(
            "cloudtrail_excluded_files"
        ) | sort,
        "cloudtrail_excluded_buckets": cloudtrail_s3.cloudtrail_var_list(
            "cloudtrail_excluded_buckets"
        ) | sort,
    }) }}
{% endmacro %}


{% macro cloudtrail_is_running() %}
    {#- Parsing, compiling, linting and documenting look nothing up. -#}
    {{ return(
        execute
        and flags.WHICH in ["run", "build", "retry", "run-operation"]
    ) }}
{% endmacro %}
