{#- The client that a user agent names: its known tokens are found by one
    regular expression, and the one with the smallest rank decides. -#}

{% macro cloudtrail_client_tokens() %}
    {#- [token, rank, client name] of the client catalogue. -#}
    {%- set catalogue = ref("cloudtrail_client_catalogue") -%}
    {%- if not execute -%}
        {{ return([]) }}
    {%- endif -%}
    {%- set tokens = [] -%}
    {%- for row in run_query(
        "select distinct client_token, match_rank, client_name from "
        ~ catalogue ~ " order by match_rank"
    ).rows -%}
        {%- do tokens.append([row[0], row[1], row[2]]) -%}
    {%- endfor -%}
    {{ return(tokens) }}
{% endmacro %}


{% macro cloudtrail_client(user_agent) %}
    {#- "rank|name|token/version" of the deciding token, else null. -#}
    {%- set tokens = cloudtrail_s3.cloudtrail_client_tokens() -%}
    {%- if tokens | length == 0 -%}
        cast(null as varchar)
    {%- else -%}
        {%- set alternatives = [] -%}
        {%- for token in tokens -%}
            {%- do alternatives.append(
                modules.re.escape(token[0]).replace("\\-", "-")
                .replace("\\ ", " ").replace("'", "''")
            ) -%}
        {%- endfor -%}
        {#- The whole word around a token, so that a longer one is not taken
            for it. No groups: they would cost most of the time. -#}
        {%- set pattern = "[a-z0-9._-]*(?:" ~ alternatives | join("|")
            ~ ")[a-z0-9._-]*(?:/v?[0-9][0-9a-z.+_-]*)?" -%}
        {{ adapter.dispatch("cloudtrail_client", "cloudtrail_s3")(
            user_agent, pattern, tokens
        ) }}
    {%- endif -%}
{% endmacro %}


{% macro cloudtrail_client_labels(tokens) %}
    {#- "rank|name|" per token, in the tokens' order. -#}
    {%- set labels = [] -%}
    {%- for token in tokens -%}
        {%- do labels.append("%05d" % token[1] ~ "|" ~ token[2] ~ "|") -%}
    {%- endfor -%}
    {{ return(cloudtrail_s3.cloudtrail_literals(labels)) }}
{% endmacro %}


{% macro duckdb__cloudtrail_client(user_agent, pattern, tokens) %}
    list_min(list_transform(
        regexp_extract_all(lower({{ user_agent }}), '{{ pattern }}'),
        lambda m: map_extract_value(
            map(
                [{{ cloudtrail_s3.cloudtrail_literals(
                    tokens | map(attribute=0)
                ) }}],
                [{{ cloudtrail_s3.cloudtrail_client_labels(tokens) }}]
            ),
            split_part(m, '/', 1)
        ) || m
    ))
{% endmacro %}


{% macro athena__cloudtrail_client(user_agent, pattern, tokens) %}
    {#- Trino's expressions go back: tried at every character of a word, it
        would take the square of its length. array_min is null as soon as one
        item is. -#}
    array_min(filter(
        transform(
            regexp_extract_all(
                lower({{ user_agent }}),
                '(?:^|[^a-z0-9._-])({{ pattern }})',
                1
            ),
            m -> element_at(
                map(
                    array[{{ cloudtrail_s3.cloudtrail_literals(
                        tokens | map(attribute=0)
                    ) }}],
                    array[{{ cloudtrail_s3.cloudtrail_client_labels(tokens) }}]
                ),
                split_part(m, '/', 1)
            ) || m
        ),
        label -> label is not null
    ))
{% endmacro %}
