-- The smallest rank decides which token of a user agent names the client, so
-- two tokens must never share one. Returns the shared ranks.
select
    match_rank,
    count(distinct client_token) as token_count
from {{ ref('cloudtrail_client_catalogue') }}
group by match_rank
having count(distinct client_token) > 1
