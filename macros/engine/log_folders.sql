{#- Which folders of a bucket are listed: DuckDB only. Asked for one level, S3
    tells its folders, however many files these hold; so what the settings leave
    out is not listed. -#}

{% macro cloudtrail_lists_folders() %}
    {#- The plugin shows folders, and takes each listing once in a run. -#}
    {{ return(
        cloudtrail_s3.cloudtrail_root().startswith("s3://")
        and "cloudtrail_s3_files"
            in (target.plugins or []) | map(attribute="module") | list
        and cloudtrail_s3.cloudtrail_is_running()
    ) }}
{% endmacro %}


{% macro cloudtrail_log_folder_globs() %}
    {#- Level by level, each folder is left out, read as a whole, or opened;
        files that lie loose in an opened one are read too. -#}
    {%- set root = cloudtrail_s3.cloudtrail_root() -%}
    {%- set kind = cloudtrail_s3.cloudtrail_folder_kind(root) -%}
    {%- set whole = [root] if kind == "whole" else [] -%}
    {%- set loose = [] -%}
    {%- set level = namespace(
        folders=[root] if kind in ["open", "outside"] else []
    ) -%}
    {%- for depth in range(12) -%}
        {%- set below = cloudtrail_s3.cloudtrail_folders_below(
            level.folders
        ) -%}
        {%- set opened = [] -%}
        {%- for folder in level.folders -%}
            {%- set of_kind = {
                "left out": [], "whole": [], "open": [], "outside": []
            } -%}
            {%- for name in below.get(folder, []) -%}
                {%- do of_kind[
                    cloudtrail_s3.cloudtrail_folder_kind(name)
                ].append(name) -%}
            {%- endfor -%}
            {#- One listing takes a thousand files: what has no folders, too
                many beside which no AWSLogs/ lies, or a month of which most
                days are wanted is not opened. -#}
            {%- set outside = of_kind["outside"] -%}
            {%- if folder not in below
                or outside and not of_kind["open"]
                    and (depth > 1 or outside | length > 20)
                or modules.re.search("/[0-9]{4}/[0-9]{2}$", folder)
                    and of_kind["left out"] | length * 2
                        < below[folder] | length -%}
                {%- do whole.append(folder) -%}
            {%- else -%}
                {%- do loose.append(folder) -%}
                {%- do whole.extend(of_kind["whole"]) -%}
                {%- do opened.extend(of_kind["open"]) -%}
                {%- do (whole if of_kind["open"] else opened).extend(
                    outside
                ) -%}
            {%- endif -%}
        {%- endfor -%}
        {%- set level.folders = opened -%}
    {%- endfor -%}
    {%- do whole.extend(level.folders) -%}
    {{ return(cloudtrail_s3.cloudtrail_matching_globs(whole, loose)) }}
{% endmacro %}


{% macro cloudtrail_folder_kind(folder) %}
    {%- set re = modules.re -%}
    {%- set tail = (folder ~ "/")[
        cloudtrail_s3.cloudtrail_length_above_tail():
    ] -%}
    {%- set account_ids = cloudtrail_s3.cloudtrail_account_ids() -%}
    {%- set regions = cloudtrail_s3.cloudtrail_regions() -%}
    {%- set start, end = cloudtrail_s3.cloudtrail_folder_bounds() -%}
    {%- set place = re.search(
        cloudtrail_s3.cloudtrail_folder_pattern(), tail
    ) -%}
    {%- set account_id, region, period =
        place.groups("") if place else ("", "", "") -%}
    {%- if re.search(
            cloudtrail_s3.cloudtrail_foreign_folder_pattern(), tail
        )
        or account_id and account_ids and account_id not in account_ids
        or region and regions and region not in regions
        or start and period < start[:period | length]
        or end and period > end[:period | length] -%}
        {{ return("left out") }}
    {%- elif not re.search("(^|/)AWSLogs/", tail) -%}
        {{ return("outside") }}
    {%- elif re.search("(^|/)AWSLogs/([^/]+/)?([0-9]{12}/)?$", tail) -%}
        {{ return("open") }}
    {%- elif not place or place.end() != tail | length -%}
        {{ return("whole") }}
    {%- endif -%}
    {#- A year or month is opened where the range begins or ends within. -#}
    {%- set is_cut = period | length < 10 and (
        start.startswith(period)
        and start != (period ~ "/01/01")[:10]
        or end.startswith(period)
    ) -%}
    {{ return(
        "open" if not region and (regions or start or end)
        or region and not period and (start or end)
        or period and is_cut
        else "whole"
    ) }}
{% endmacro %}


{% macro cloudtrail_folders_below(folders) %}
    {#- The folders right below some folders, by the folder. -#}
    {%- set below = {} -%}
    {%- if folders -%}
        {%- set globs = [] -%}
        {%- for folder in folders -%}
            {%- do globs.append(
                cloudtrail_s3.cloudtrail_escaped_glob(folder) ~ "/*/"
            ) -%}
        {%- endfor -%}
        {%- for name in run_query(
            "select file from glob(["
            ~ cloudtrail_s3.cloudtrail_literals(globs) ~ "]) order by 1"
        ).columns[0].values() -%}
            {%- do below.setdefault(name.rpartition("/")[0], []).append(
                name
            ) -%}
        {%- endfor -%}
    {%- endif -%}
    {{ return(below) }}
{% endmacro %}


{% macro cloudtrail_matching_globs(whole, loose) %}
    {#- The patterns of whole folders and of loose files that find something:
        DuckDB does not read a list with one that finds nothing. -#}
    {%- set globs = {} -%}
    {%- set lengths = [] -%}
    {%- for folders, ending in [(loose, "/*.json*"), (whole, "/**/*.json*")] -%}
        {%- for folder in folders -%}
            {%- do globs.update({
                folder: cloudtrail_s3.cloudtrail_escaped_glob(folder) ~ ending
            }) -%}
            {%- do lengths.append(folder.count("/") + 1) -%}
        {%- endfor -%}
    {%- endfor -%}
    {%- set matching = [] -%}
    {%- if globs -%}
        {%- for folder, has_loose in run_query(
            "select folder, bool_or(length(parts) = n + 1) from ("
            ~ "select parts, n, array_to_string(parts[:n], '/') as folder"
            ~ " from (select string_split(file, '/') as parts from glob(["
            ~ cloudtrail_s3.cloudtrail_literals(globs.values())
            ~ "])) as files cross join (select unnest("
            ~ lengths | unique | list ~ ") as n) as lengths"
            ~ " where n < length(parts)) as folders where folder in ("
            ~ cloudtrail_s3.cloudtrail_literals(globs)
            ~ ") group by folder order by folder"
        ).rows -%}
            {%- if has_loose or folder not in loose -%}
                {%- do matching.append(globs[folder]) -%}
            {%- endif -%}
        {%- endfor -%}
    {%- endif -%}
    {{ return(
        matching or [cloudtrail_s3.cloudtrail_escaped_glob(
            cloudtrail_s3.cloudtrail_root()
        ) ~ "/*.json*"]
    ) }}
{% endmacro %}
