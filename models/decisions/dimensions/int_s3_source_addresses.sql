{#- A digit of hexadecimal is found by its place in these. -#}
{%- set hex_digits = "'0123456789abcdef'" %}
{%- set octet_digits = [] %}
{%- for part in range(1, 5) %}
{%- set octet = "cast(split_part(address, '.', " ~ part ~ ") as integer)" %}
    {%- do octet_digits.append(
        "substr(" ~ hex_digits ~ ", cast(floor(" ~ octet
        ~ " / 16.0) as integer) + 1, 1) || substr(" ~ hex_digits ~ ", "
        ~ octet ~ " % 16 + 1, 1)"
    ) %}
{%- endfor %}
{%- set hextet_digits = [] %}
{%- for part in range(1, 9) %}
    {%- do hextet_digits.append(
        "lpad(split_part(hextets, ':', " ~ part ~ "), 4, '0')"
    ) %}
{%- endfor %}
{#- In one spelling, however an address is written: without zeros in front and
    at the end. -#}
{%- set prefix_parts = [] %}
{%- for hextet in hextet_digits[:3] %}
    {%- do prefix_parts.append(
        "regexp_replace(" ~ hextet ~ ", '^0{1,3}', '')"
    ) %}
{%- endfor %}
{%- set prefix = prefix_parts | join(" || ':' || ") %}
{%- set octet = "(25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])" %}

with access as (

    select distinct source_ip_address
    from {{ ref("int_s3_access_daily") }}
    where source_ip_address is not null

),

trusted_networks as (

    select
        cidr,
        label,
        split_part(cidr, '/', 1) as address,
        -- what is no number contains nothing
        try_cast(split_part(cidr, '/', 2) as integer) as prefix_length
    from {{ ref("cloudtrail_trusted_networks") }}

),

texts as (

    select source_ip_address as written
    from access
    union distinct
    select address as written from trusted_networks

),

addresses as (

    -- an IPv4 address may be written inside an IPv6 one
    select
        written,
        case
            when {{ cloudtrail_s3.cloudtrail_regexp_like(
                "lower(written)", "^::ffff:[0-9.]+\\z"
            ) }}
                then substr(written, 8)
            else lower(written)
        end as address
    from texts

),

kinds as (

    select
        written,
        address,
        {{ cloudtrail_s3.cloudtrail_regexp_like(
            "address", "^(" ~ octet ~ "[.]){3}" ~ octet ~ "\\z"
        ) }} as is_v4,
        {{ cloudtrail_s3.cloudtrail_regexp_like(
            "address", "^[0-9a-f:]+\\z"
        ) }}
        and address like '%:%:%'
        and address not like '%:::%'
        and address not like '%::%::%'
        and not {{ cloudtrail_s3.cloudtrail_regexp_like(
            "address", "[0-9a-f]{5}"
        ) }} as may_be_v6
    from addresses

),

halves as (

    -- of an IPv6 address what stands before and after the zeros left out
    select
        written,
        address,
        is_v4,
        may_be_v6,
        split_part(address, '::', 1) as head,
        split_part(address, '::', 2) as tail,
        address like '%::%' as is_short
    from kinds

),

counted as (

    select
        *,
        case
            when head = '' then 0
            else length(head) - length(replace(head, ':', '')) + 1
        end as head_count,
        case
            when tail = '' then 0
            else length(tail) - length(replace(tail, ':', '')) + 1
        end as tail_count
    from halves

),

expanded as (

    select
        written,
        address,
        is_v4,
        may_be_v6 and case
            when is_short then head_count + tail_count <= 7
            else
                head_count = 8 and address not like ':%'
                and address not like '%:'
        end as is_v6,
        case
            when is_short
                then
                    head
                    || case when head = '' then '' else ':' end
                    || substr('0:0:0:0:0:0:0:0', 1, greatest(
                        2 * (8 - head_count - tail_count) - 1, 0
                    ))
                    || case when tail = '' then '' else ':' end
                    || tail
            else address
        end as hextets
    from counted

),

digits as (

    -- hexadecimal, 8 digits of IPv4 and 32 of IPv6
    select
        written,
        is_v4,
        is_v6,
        case
            when is_v4 then {{ octet_digits | join(" || ") }}
            when is_v6 then {{ hextet_digits | join(" || ") }}
        end as hex_digits,
        case
            when is_v4
                then {{ cloudtrail_s3.cloudtrail_regexp_extract(
                    "address", "^(.*[.])[0-9]+\\z"
                ) }} || '0/24'
            when is_v6
                then
                    regexp_replace({{ prefix }}, '^0(:0)*\z|(:0)+\z', '')
                    || '::/48'
            else written
        end as network
    from expanded

),

networks as (

    -- whole digits that must be equal, and bits of the next one
    select
        trusted_networks.label,
        digits.hex_digits,
        length(digits.hex_digits) as digit_count,
        cast(floor(trusted_networks.prefix_length / 4.0) as integer)
            as equal_digits,
        trusted_networks.prefix_length % 4 as further_bits
    from trusted_networks
    inner join digits on trusted_networks.address = digits.written
    where digits.is_v4 or digits.is_v6

),

trusted as (

    select
        digits.written,
        min(networks.label) as trusted_label
    from digits
    inner join networks
        on
            length(digits.hex_digits) = networks.digit_count
            and substr(digits.hex_digits, 1, networks.equal_digits)
            = substr(networks.hex_digits, 1, networks.equal_digits)
            and (
                networks.further_bits = 0
                or floor(
                    (strpos(
                        {{ hex_digits }},
                        substr(
                            digits.hex_digits, networks.equal_digits + 1, 1
                        )
                    ) - 1) / power(2.0, 4 - networks.further_bits)
                ) = floor(
                    (strpos(
                        {{ hex_digits }},
                        substr(
                            networks.hex_digits, networks.equal_digits + 1, 1
                        )
                    ) - 1) / power(2.0, 4 - networks.further_bits)
                )
            )
    group by 1

)

select
    access.source_ip_address,
    digits.network,
    trusted.written is not null as is_trusted,
    trusted.trusted_label
from access
inner join digits on access.source_ip_address = digits.written
left join trusted on access.source_ip_address = trusted.written
