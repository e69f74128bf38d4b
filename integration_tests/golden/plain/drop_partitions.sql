alter table `cloudtrail_s3`.`cloudtrail_events` drop if exists
    partition (region = 'us-east-1', year = '2026', month = '04', day = '30'),
    partition (region = 'eu-west-1', year = '2026', month = '04', day = '30'),
    partition (region = 'us-east-1', year = '2026', month = '05', day = '01'),
    partition (region = 'eu-west-1', year = '2026', month = '05', day = '01');
