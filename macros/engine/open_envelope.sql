{#- The source's files as one row per record, with the documented columns of
    the Athena table. Both engines read names without regard to case. -#}

{% macro cloudtrail_open_envelope(source_table) %}
    {{- return(adapter.dispatch(
        "cloudtrail_open_envelope", "cloudtrail_s3"
    )(source_table)) -}}
{% endmacro %}


{% macro cloudtrail_record_structure() %}
    {#- How DuckDB types a record. A field that a record lacks, or has in
        another form, is null or its text; nothing else of it is lost. No
        list is in it: DuckDB gathers the few rows of each small file, but
        none with a list, and what follows costs as much for six rows as for
        2,000. -#}
    {%- set text = "VARCHAR" -%}
    {{ return({
        "eventVersion": text,
        "userIdentity": {
            "type": text,
            "principalId": text,
            "arn": text,
            "accountId": text,
            "invokedBy": text,
            "accessKeyId": text,
            "userName": text,
            "onBehalfOf": {"userId": text, "identityStoreArn": text},
            "sessionContext": {
                "attributes": {
                    "mfaAuthenticated": text,
                    "creationDate": text,
                },
                "sessionIssuer": {
                    "type": text,
                    "principalId": text,
                    "arn": text,
                    "accountId": text,
                    "userName": text,
                },
                "ec2RoleDelivery": text,
                "webIdFederationData": {
                    "federatedProvider": text,
                    "attributes": text,
                },
            },
        },
        "eventTime": text,
        "eventSource": text,
        "eventName": text,
        "awsRegion": text,
        "sourceIPAddress": text,
        "userAgent": text,
        "errorCode": text,
        "errorMessage": text,
        "requestParameters": "JSON",
        "responseElements": "JSON",
        "additionalEventData": "JSON",
        "requestID": text,
        "eventID": text,
        "resources": "JSON",
        "eventType": text,
        "apiVersion": text,
        "readOnly": text,
        "recipientAccountId": text,
        "serviceEventDetails": text,
        "sharedEventID": text,
        "vpcEndpointId": text,
        "vpcEndpointAccountId": text,
        "eventCategory": text,
        "addendum": {
            "reason": text,
            "updatedFields": text,
            "originalRequestID": text,
            "originalEventID": text,
        },
        "sessionCredentialFromConsole": text,
        "edgeDeviceDetails": text,
        "tlsDetails": {
            "tlsVersion": text,
            "cipherSuite": text,
            "clientProvidedHostHeader": text,
        },
        "managementEvent": text,
    }) }}
{% endmacro %}


{% macro duckdb__cloudtrail_open_envelope(source_table) %}
    {%- set structure = cloudtrail_s3.cloudtrail_record_structure() -%}
    {%- set redacted = cloudtrail_s3.cloudtrail_secret_fields() %}
    select
        {%- for field in structure %}
        {%- if field in redacted %}
        {{ cloudtrail_s3.cloudtrail_redacted("record." ~ field) }}
            as {{ field | lower }},
        {%- elif field == "resources" %}
        from_json(
            record.resources,
            '[{"ARN": "VARCHAR", "accountId": "VARCHAR", "type": "VARCHAR"}]'
        ) as resources,
        {%- elif structure[field] == "JSON" %}
        cast(record.{{ field }} as varchar) as {{ field | lower }},
        {%- else %}
        record.{{ field }} as {{ field | lower }},
        {%- endif %}
        {%- endfor %}
        log_file,
        log_date,
        log_account_id,
        log_region
    from (
        select
            unnest(records) as record,
            log_file,
            log_date,
            log_account_id,
            log_region
        from (
            {#- Typed before it is unnested: else DuckDB types the whole file
                again for every 2,048 records. -#}
            select
                from_json(
                    json,
                    '{"Records": [{{ tojson(structure) }}]}'
                ).Records as records,
                log_file,
                log_date,
                {{ cloudtrail_s3.cloudtrail_log_account_id("log_file") }}
                    as log_account_id,
                {{ cloudtrail_s3.cloudtrail_log_region("log_file") }}
                    as log_region
            from (
                {{ cloudtrail_s3.cloudtrail_envelopes() }}
            ) as envelopes
        ) as typed
    ) as opened
    where
        record is not null
        {{ cloudtrail_s3.cloudtrail_wanted(
            "coalesce(log_account_id, record.recipientAccountId)",
            cloudtrail_s3.cloudtrail_account_ids()
        ) }}
        {{ cloudtrail_s3.cloudtrail_wanted(
            "coalesce(log_region, record.awsRegion)",
            cloudtrail_s3.cloudtrail_regions()
        ) }}
{% endmacro %}


{% macro cloudtrail_envelopes(files=none) %}
    {#- DuckDB: one row per JSON value of the log files: of the listed ones, or
        of those that the session's variable names, or of the root's. Its
        conditions are compiled anew for each file, which the variable spares
        a run. An empty .gz cannot be opened. -#}
    {%- set tail = cloudtrail_s3.cloudtrail_log_tail("filename") -%}
    {%- set log_date = cloudtrail_s3.cloudtrail_log_date(tail) -%}
    {%- set is_running = cloudtrail_s3.cloudtrail_is_running() -%}
    {%- set empty_files = [] -%}
    {%- if is_running and files is none -%}
        {%- set empty_files = run_query(
            "select file_path from ("
            ~ cloudtrail_s3.cloudtrail_log_listing()
            ~ ") as listing where size = 0"
        ).columns[0].values() -%}
    {%- endif %}
    select
        filename as file_path,
        json,
        {{ cloudtrail_s3.cloudtrail_log_file(tail) }} as log_file,
        {{ log_date }} as log_date
    from read_json_objects(
        {%- if files is none %}
        coalesce(
            getvariable('cloudtrail_files'),
            [{{ cloudtrail_s3.cloudtrail_literals(
                cloudtrail_s3.cloudtrail_log_file_globs()
            ) }}]
        ),
        {%- else %}
        [
            {%- for file in files -%}
            {{ cloudtrail_s3.cloudtrail_literal(
                cloudtrail_s3.cloudtrail_escaped_glob(file)
            ) }}{{ ", " if not loop.last }}
            {%- endfor -%}
        ],
        {%- endif %}
        format = 'unstructured',
        filename = true,
        hive_partitioning = false,
        maximum_object_size = {{
            cloudtrail_s3.cloudtrail_maximum_object_size() if files is none
            else cloudtrail_s3.cloudtrail_stored_object_size()
        }}
    )
    {%- if files is none %}
    where
        getvariable('cloudtrail_files') is not null
        or (
            {{ cloudtrail_s3.cloudtrail_is_log_file(tail) }}
            and {{ cloudtrail_s3.cloudtrail_is_wanted_file(
                "filename", tail, log_date
            ) }}
            {%- if empty_files %}
            and filename not in (
                {{ cloudtrail_s3.cloudtrail_literals(empty_files) }}
            )
            {%- endif %}
        )
    {%- endif %}
{% endmacro %}


{% macro cloudtrail_maximum_object_size() %}
    {#- DuckDB reserves twice this per thread, so it follows the files. A .gz
        tells its length in its last four bytes: the largest are asked, the
        others are taken to compress twice as well at most. -#}
    {%- set smallest = 33554432 -%}
    {%- if not cloudtrail_s3.cloudtrail_is_running() -%}
        {{ return(smallest) }}
    {%- endif -%}
    {#- To ask a file is to read it: what the last run's view allows was
        enough for all that is loaded. -#}
    {%- set known = 0 if cloudtrail_s3.cloudtrail_reads_everything()
        else cloudtrail_s3.cloudtrail_stored_object_size() -%}
    {%- set large_files = run_query(
        "select file_path, size from ("
        ~ cloudtrail_s3.cloudtrail_log_listing()
        ~ ") as listing where size > " ~ smallest // 1024
        ~ (
            " and (log_path, size, modified_at) not in ("
            ~ "select log_file, size, modified_at from "
            ~ cloudtrail_s3.cloudtrail_stored("fct_cloudtrail_loads") ~ ")"
            if known else ""
        )
        ~ " order by size desc limit 8"
    ).rows -%}
    {%- set needed = namespace(bytes=[smallest, known] | max, ratio=1) -%}
    {%- for file_path, size in large_files -%}
        {%- set length = size | int -%}
        {%- if file_path.endswith(".gz") -%}
            {%- set tail = run_query(
                "select hex(content[-4:]) from read_blob("
                ~ cloudtrail_s3.cloudtrail_literal(
                    cloudtrail_s3.cloudtrail_escaped_glob(file_path)
                ) ~ ")"
            ).rows[0][0] -%}
            {%- set length = (
                tail[6:8] ~ tail[4:6] ~ tail[2:4] ~ tail[0:2]
            ) | int(0, 16) -%}
            {%- if length > [size * 1032, 2147483648] | min -%}
                {#- No .gz is smaller than that. -#}
                {{ cloudtrail_s3.cloudtrail_stop(
                    "the file " ~ file_path ~ " says that it holds " ~ length
                    ~ " bytes, which cannot be; replace or remove it, or leave"
                    ~ " it out with cloudtrail_excluded_files"
                ) }}
            {%- endif -%}
        {%- endif -%}
        {%- set needed.bytes = [needed.bytes, length + 1024] | max -%}
        {%- set needed.ratio = [needed.ratio, length // size + 1] | max -%}
    {%- endfor -%}
    {%- if large_files | length == 8 -%}
        {%- set needed.bytes = [
            needed.bytes,
            large_files[7][1] | int * needed.ratio * 2,
        ] | max -%}
    {%- endif -%}
    {{ return(needed.bytes) }}
{% endmacro %}


{% macro cloudtrail_stored_object_size() %}
    {#- What the view of the records allows; 0 without one. -#}
    {%- set events = cloudtrail_s3.cloudtrail_stored(
        "stg_cloudtrail__events"
    ) -%}
    {%- if events is none -%}
        {{ return(0) }}
    {%- endif -%}
    {%- set sizes = run_query(
        "select regexp_extract(sql, 'maximum_object_size[^0-9]+([0-9]+)', 1)"
        ~ " from duckdb_views() where database_name = "
        ~ cloudtrail_s3.cloudtrail_literal(events.database)
        ~ " and schema_name = "
        ~ cloudtrail_s3.cloudtrail_literal(events.schema)
        ~ " and view_name = "
        ~ cloudtrail_s3.cloudtrail_literal(events.identifier)
    ).columns[0].values() -%}
    {{ return(([0] + sizes | map("int") | list) | max) }}
{% endmacro %}


{% macro athena__cloudtrail_open_envelope(source_table) %}
    {%- set structure = cloudtrail_s3.cloudtrail_record_structure() -%}
    {%- set redacted = cloudtrail_s3.cloudtrail_secret_fields() -%}
    {%- set tail = cloudtrail_s3.cloudtrail_log_tail('"$path"') -%}
    {%- set missing = cloudtrail_s3.cloudtrail_missing_columns() %}
    select
        {%- for field in structure %}
        {%- if field | lower in missing %}
        cast(null as varchar) as {{ field | lower }},
        {%- elif field in redacted %}
        {{ cloudtrail_s3.cloudtrail_redacted(field | lower) }}
            as {{ field | lower }},
        {%- else %}
        {{ field | lower }},
        {%- endif %}
        {%- endfor %}
        {%- for column in cloudtrail_s3.cloudtrail_source_partitions() %}
        {{ column }},
        {%- endfor %}
        log_file,
        log_date,
        log_account_id,
        log_region
    from (
        select
            *,
            {{ cloudtrail_s3.cloudtrail_log_file(tail) }} as log_file,
            {{ cloudtrail_s3.cloudtrail_log_date(tail) }} as log_date,
            {{ cloudtrail_s3.cloudtrail_log_account_id(tail) }}
                as log_account_id,
            {{ cloudtrail_s3.cloudtrail_log_region(tail) }} as log_region
        from {{ source_table }}
        where
            {{ cloudtrail_s3.cloudtrail_is_log_file(tail) }}
            {%- for excluded in cloudtrail_s3.cloudtrail_var_list(
                "cloudtrail_excluded_files"
            ) %}
            and not {{ cloudtrail_s3.cloudtrail_path_ends_with(
                '"$path"', excluded
            ) }}
            {%- endfor %}
    ) as opened
    where
        true
        {{ cloudtrail_s3.cloudtrail_wanted(
            "coalesce(log_account_id, recipientaccountid)",
            cloudtrail_s3.cloudtrail_account_ids()
        ) }}
        {{ cloudtrail_s3.cloudtrail_wanted(
            "coalesce(log_region, awsregion)",
            cloudtrail_s3.cloudtrail_regions()
        ) }}
{% endmacro %}
