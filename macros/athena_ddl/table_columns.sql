{#-
    The columns of the table that AWS documents for CloudTrail logs (Athena
    user guide, "Create a table for CloudTrail logs in Athena using manual
    partitioning"), in its order, with the types as Glue spells them, and
    managementevent, which tells an event's category where eventcategory is
    missing. The same
    page says that CloudTrailSerde "does not currently handle some of the
    newer CloudTrail fields"; AWS's examples with it end at vpcendpointid.
    The table declares every column with both SerDes, so that the models read
    one table; is_filled tells whether the SerDe is known to fill a column.
-#}
{% macro cloudtrail_table_columns(serde) %}
    {%- set identity =
        "type:string,principalid:string,arn:string,accountid:string" -%}
    {%- set columns = [
        ("eventversion", "string"),
        (
            "useridentity",
            "struct<" ~ identity ~ ",invokedby:string,accesskeyid:string,"
            ~ "username:string,"
            ~ "onbehalfof:struct<userid:string,identitystorearn:string>,"
            ~ "sessioncontext:struct<"
            ~ "attributes:struct<mfaauthenticated:string,"
            ~ "creationdate:string>,"
            ~ "sessionissuer:struct<" ~ identity ~ ",username:string>,"
            ~ "ec2roledelivery:string,"
            ~ "webidfederationdata:struct<federatedprovider:string,"
            ~ "attributes:map<string,string>>>>",
        ),
        ("eventtime", "string"),
        ("eventsource", "string"),
        ("eventname", "string"),
        ("awsregion", "string"),
        ("sourceipaddress", "string"),
        ("useragent", "string"),
        ("errorcode", "string"),
        ("errormessage", "string"),
        ("requestparameters", "string"),
        ("responseelements", "string"),
        ("additionaleventdata", "string"),
        ("requestid", "string"),
        ("eventid", "string"),
        (
            "resources",
            "array<struct<arn:string,accountid:string,type:string>>",
        ),
        ("eventtype", "string"),
        ("apiversion", "string"),
        ("readonly", "string"),
        ("recipientaccountid", "string"),
        ("serviceeventdetails", "string"),
        ("sharedeventid", "string"),
        ("vpcendpointid", "string"),
        ("vpcendpointaccountid", "string"),
        ("eventcategory", "string"),
        (
            "addendum",
            "struct<reason:string,updatedfields:string,"
            ~ "originalrequestid:string,originaleventid:string>",
        ),
        ("sessioncredentialfromconsole", "string"),
        ("edgedevicedetails", "string"),
        (
            "tlsdetails",
            "struct<tlsversion:string,ciphersuite:string,"
            ~ "clientprovidedhostheader:string>",
        ),
        ("managementevent", "string"),
    ] -%}
    {%- set newer_than_cloudtrail_serde = [
        "vpcendpointaccountid",
        "eventcategory",
        "addendum",
        "sessioncredentialfromconsole",
        "edgedevicedetails",
        "tlsdetails",
        "managementevent",
    ] -%}
    {%- set described = [] -%}
    {%- for name, type in columns -%}
        {%- do described.append({
            "name": name,
            "type": type,
            "is_filled": serde == "json"
                or name not in newer_than_cloudtrail_serde,
        }) -%}
    {%- endfor -%}
    {{ return(described) }}
{% endmacro %}
