{#- What of the bytes that a requester moves is unusual. -#}

{% macro cloudtrail_robust_score(value, median, deviation, count) -%}
    {#- 0.6745 makes the deviation comparable to a standard deviation. Where
        most days are alike to the byte it is 0: a hundredth of the median, one
        byte at least, takes its place. Fewer than 7 days tell nothing of what
        is usual. -#}
    case
        when {{ count }} >= 7
            then
                0.6745e0 * (cast({{ value }} as double) - {{ median }})
                / case
                    when {{ deviation }} > 0 then {{ deviation }}
                    else greatest({{ median }} / 100e0, 1e0)
                end
    end
{%- endmacro %}
