{% test cloudtrail_is_cidr(model, column_name) %}
    {%- set octet = "(25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])" %}
    {%- set v4 = "(" ~ octet ~ "[.]){3}" ~ octet
        ~ "/(3[0-2]|[12]?[0-9])" %}
    {%- set v6 = "[0-9A-Fa-f:]*:[0-9A-Fa-f:]*"
        ~ "/(12[0-8]|1[01][0-9]|[1-9]?[0-9])" %}
    select *
    from {{ model }}
    where not {{ cloudtrail_s3.cloudtrail_regexp_like(
        column_name, "^(" ~ v4 ~ "|" ~ v6 ~ ")\\z"
    ) }}
{% endtest %}
