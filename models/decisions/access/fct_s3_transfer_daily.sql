{#- Fewer days say nothing of what is usual. -#}
{%- set fewest_days = 7 %}
{#- Iglewicz and Hoaglin, How to Detect and Handle Outliers (1993): scores by
    0.6745, which makes the median absolute deviation comparable to a standard
    deviation, and takes what lies beyond 3.5 for an outlier. -#}
{%- set largest_score = "3.5e0" %}
{%- set directions = ["in", "out"] %}

with activity as (

    select * from {{ ref("fct_s3_activity_daily") }}

),

daily as (

    select
        event_date,
        bucket_name,
        requester,
        cast(sum(request_count) as bigint) as request_count,
        cast(
            sum(
                case when operation_class = 'read' then request_count else 0 end
            ) as bigint
        ) as read_request_count,
        cast(
            sum(
                case
                    when operation_class = 'write' then request_count else 0
                end
            ) as bigint
        ) as write_request_count,
        cast(sum(denied_count) as bigint) as denied_count,
        {{ cloudtrail_s3.cloudtrail_byte_sum("bytes_in") }} as bytes_in,
        {{ cloudtrail_s3.cloudtrail_byte_sum("bytes_out") }} as bytes_out
    from activity
    group by 1, 2, 3

),

trailing_values as (

    select
        *,
        count(*) over trailing_days as baseline_day_count,
        {%- for direction in directions %}
        count(bytes_{{ direction }}) over trailing_days
            as baseline_day_count_{{ direction }},
        {{ cloudtrail_s3.cloudtrail_sorted_values(
            "bytes_" ~ direction, "trailing_days"
        ) }} as values_{{ direction }}
        {{- "," if not loop.last }}
        {%- endfor %}
    from daily
    window
        trailing_days as (
            partition by bucket_name, requester
            order by event_date
            range between
                interval '{{ cloudtrail_s3.cloudtrail_outlier_days() }}' day
                preceding
                and interval '1' day preceding
        )

),

medians as (

    select
        *,
        {%- for direction in directions %}
        {{ cloudtrail_s3.cloudtrail_middle(
            "values_" ~ direction, "baseline_day_count_" ~ direction
        ) }} as median_bytes_{{ direction }}
        {{- "," if not loop.last }}
        {%- endfor %}
    from trailing_values

),

distances as (

    select
        *,
        {%- for direction in directions %}
        {{ cloudtrail_s3.cloudtrail_sorted_distances(
            "values_" ~ direction, "median_bytes_" ~ direction
        ) }} as distances_{{ direction }}
        {{- "," if not loop.last }}
        {%- endfor %}
    from medians

),

deviations as (

    select
        *,
        {%- for direction in directions %}
        {{ cloudtrail_s3.cloudtrail_middle(
            "distances_" ~ direction, "baseline_day_count_" ~ direction
        ) }} as mad_bytes_{{ direction }}
        {{- "," if not loop.last }}
        {%- endfor %}
    from distances

),

scores as (

    -- most days alike to the byte: a hundredth of the median stands for the
    -- deviation of 0, one byte at least
    select
        *,
        {%- for direction in directions %}
        case
            when baseline_day_count_{{ direction }} >= {{ fewest_days }}
                then
                    0.6745e0
                    * (
                        cast(bytes_{{ direction }} as double)
                        - median_bytes_{{ direction }}
                    )
                    / case
                        when mad_bytes_{{ direction }} > 0
                            then mad_bytes_{{ direction }}
                        when median_bytes_{{ direction }} > 100
                            then median_bytes_{{ direction }} / 100e0
                        else 1e0
                    end
        end as score_{{ direction }}
        {{- "," if not loop.last }}
        {%- endfor %}
    from deviations

)

select
    event_date,
    bucket_name,
    requester,
    request_count,
    read_request_count,
    write_request_count,
    denied_count,
    bytes_in,
    bytes_out,
    baseline_day_count,
    {%- for direction in directions %}
    baseline_day_count_{{ direction }},
    median_bytes_{{ direction }},
    mad_bytes_{{ direction }},
    score_{{ direction }},
    coalesce(
        score_{{ direction }} > {{ largest_score }}
        and cast(bytes_{{ direction }} as double)
        >= 2 * median_bytes_{{ direction }}
        and bytes_{{ direction }}
        >= {{ cloudtrail_s3.cloudtrail_outlier_min_bytes() }},
        false
    ) as is_outlier_{{ direction }}
    {{- "," if not loop.last }}
    {%- endfor %}
from scores
