{#- Iglewicz and Hoaglin, How to Detect and Handle Outliers (1993), take what
    scores above this for an outlier. -#}
{%- set largest_score = "3.5e0" %}

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
        count(bytes_in) over trailing_days
            as baseline_day_count_in,
        {{ cloudtrail_s3.cloudtrail_sorted_values(
            "bytes_in", "trailing_days"
        ) }} as values_in,
        count(bytes_out) over trailing_days
            as baseline_day_count_out,
        {{ cloudtrail_s3.cloudtrail_sorted_values(
            "bytes_out", "trailing_days"
        ) }} as values_out
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
        {{ cloudtrail_s3.cloudtrail_middle(
            "values_in", "baseline_day_count_in"
        ) }} as median_bytes_in,
        {{ cloudtrail_s3.cloudtrail_middle(
            "values_out", "baseline_day_count_out"
        ) }} as median_bytes_out
    from trailing_values

),

distances as (

    select
        *,
        {{ cloudtrail_s3.cloudtrail_sorted_distances(
            "values_in", "median_bytes_in"
        ) }} as distances_in,
        {{ cloudtrail_s3.cloudtrail_sorted_distances(
            "values_out", "median_bytes_out"
        ) }} as distances_out
    from medians

),

deviations as (

    select
        *,
        {{ cloudtrail_s3.cloudtrail_middle(
            "distances_in", "baseline_day_count_in"
        ) }} as mad_bytes_in,
        {{ cloudtrail_s3.cloudtrail_middle(
            "distances_out", "baseline_day_count_out"
        ) }} as mad_bytes_out
    from distances

),

scores as (

    select
        *,
        {{ cloudtrail_s3.cloudtrail_robust_score(
            "bytes_in",
            "median_bytes_in",
            "mad_bytes_in",
            "baseline_day_count_in"
        ) }} as score_in,
        {{ cloudtrail_s3.cloudtrail_robust_score(
            "bytes_out",
            "median_bytes_out",
            "mad_bytes_out",
            "baseline_day_count_out"
        ) }} as score_out
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
    baseline_day_count_in,
    median_bytes_in,
    mad_bytes_in,
    score_in,
    coalesce(
        score_in > {{ largest_score }}
        and cast(bytes_in as double)
        >= 2 * median_bytes_in
        and bytes_in
        >= {{ cloudtrail_s3.cloudtrail_outlier_min_bytes() }},
        false
    ) as is_outlier_in,
    baseline_day_count_out,
    median_bytes_out,
    mad_bytes_out,
    score_out,
    coalesce(
        score_out > {{ largest_score }}
        and cast(bytes_out as double)
        >= 2 * median_bytes_out
        and bytes_out
        >= {{ cloudtrail_s3.cloudtrail_outlier_min_bytes() }},
        false
    ) as is_outlier_out
from scores
