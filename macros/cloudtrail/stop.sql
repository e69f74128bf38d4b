{% macro cloudtrail_stop(sentence) %}
    {#- While dbt only parses there is nothing to stop yet. -#}
    {%- if execute -%}
        {{ exceptions.raise_compiler_error(
            "cloudtrail_s3: " ~ cloudtrail_s3.cloudtrail_printable(sentence)
        ) }}
    {%- endif -%}
{% endmacro %}


{% macro cloudtrail_printable(value) %}
    {#- What a log or a file's name holds may be made to hide something, or to
        move the cursor of a terminal: what is not visible becomes a sign. -#}
    {%- set text = (value | string)
        | replace("\n", "\\n") | replace("\r", "\\r")
        | replace("\t", "\\t") -%}
    {{ return(modules.re.sub(
        "[\x00-\x1f\x7f-\x9f\xad\u061c\u200b-\u200f\u2028-\u202e"
        ~ "\u2060-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff]",
        "\ufffd",
        text
    )) }}
{% endmacro %}
