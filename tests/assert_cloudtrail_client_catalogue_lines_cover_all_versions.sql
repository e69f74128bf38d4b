-- The version lines of a client token must cover every version exactly once:
-- sorted by their start, the first begins at the first version, each next one
-- begins where the one before ends, and only the last is open. Two lines with
-- the same start break this too, so (client_token, version_from) is unique.
-- Bounds are whole major versions. Returns the lines that break the chain.
with

version_lines as (

    select
        client_token,
        version_from,
        version_below,
        try_cast(version_from as integer) as first_major,
        try_cast(version_below as integer) as end_major
    from {{ ref('cloudtrail_client_catalogue') }}

),

numbered as (

    select
        client_token,
        version_from,
        version_below,
        first_major,
        end_major,
        lag(version_below) over (
            partition by client_token
            order by coalesce(first_major, 0)
        ) as previous_version_below,
        row_number() over (
            partition by client_token
            order by coalesce(first_major, 0)
        ) as line_number,
        count(*) over (partition by client_token) as line_count
    from version_lines

)

select
    client_token,
    version_from,
    version_below,
    previous_version_below
from numbered
where
    version_from is distinct from previous_version_below
    or (line_number < line_count and version_below is null)
    or (line_number = line_count and version_below is not null)
    or (version_from is not null and first_major is null)
    or (version_below is not null and end_major is null)
    or first_major >= end_major
