{#- Values as text for people: columns, lines, numbers. -#}

{% macro cloudtrail_text_table(header, widths, rows) %}
    {#- A negative width aligns to the right. -#}
    {%- set lines = [] -%}
    {%- for row in [header] + rows -%}
        {%- set cells = [] -%}
        {%- for cell in row -%}
            {%- set width = widths[loop.index0] | abs -%}
            {%- set text = cloudtrail_s3.cloudtrail_shown(
                cloudtrail_s3.cloudtrail_number(cell)
                if cell is number else cell,
                width
            ) -%}
            {%- do cells.append(
                ("{:>" ~ width ~ "}" if widths[loop.index0] < 0
                else "{:<" ~ width ~ "}").format(text)
            ) -%}
        {%- endfor -%}
        {%- do lines.append((cells | join(" ")).rstrip()) -%}
    {%- endfor -%}
    {{ return(lines) }}
{% endmacro %}


{% macro cloudtrail_shown(value, width) %}
    {%- if value is none -%}
        {{ return("(none)") }}
    {%- endif -%}
    {%- set text = cloudtrail_s3.cloudtrail_printable(value) -%}
    {%- if text | length > width -%}
        {#- The end of an ARN or a key tells as much as its beginning. -#}
        {%- set tail = (width - 1) // 2 -%}
        {%- set text = text[:width - 1 - tail] ~ "…" ~ text[-tail:] -%}
    {%- endif -%}
    {{ return(text) }}
{% endmacro %}


{% macro cloudtrail_wrapped(text, width) %}
    {%- set plain = cloudtrail_s3.cloudtrail_shown(text or "", 2000) -%}
    {{ return((plain | wordwrap(width)).splitlines()) }}
{% endmacro %}


{% macro cloudtrail_number(value) %}
    {{ return("{:,}".format(value | int)) }}
{% endmacro %}


{% macro cloudtrail_counted(count, noun) %}
    {{ return(
        cloudtrail_s3.cloudtrail_number(count) ~ " " ~ noun
        ~ ("" if count == 1 else "s")
    ) }}
{% endmacro %}
