-- All version lines of a client token describe the same client: they share its
-- name, its kind and its rank. Returns the tokens whose lines disagree.
select
    client_token,
    count(distinct client_name) as name_count,
    count(distinct client_kind) as kind_count,
    count(distinct match_rank) as rank_count
from {{ ref('cloudtrail_client_catalogue') }}
group by client_token
having
    count(distinct client_name) > 1
    or count(distinct client_kind) > 1
    or count(distinct match_rank) > 1
