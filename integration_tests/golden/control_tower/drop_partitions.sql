alter table `cloudtrail_s3`.`cloudtrail_events` drop if exists
    partition (account = '111122223333', region = 'us-east-1', year = '2026', month = '04', day = '30'),
    partition (account = '111122223333', region = 'eu-west-1', year = '2026', month = '04', day = '30'),
    partition (account = '444455556666', region = 'us-east-1', year = '2026', month = '04', day = '30'),
    partition (account = '444455556666', region = 'eu-west-1', year = '2026', month = '04', day = '30'),
    partition (account = '111122223333', region = 'us-east-1', year = '2026', month = '05', day = '01'),
    partition (account = '111122223333', region = 'eu-west-1', year = '2026', month = '05', day = '01'),
    partition (account = '444455556666', region = 'us-east-1', year = '2026', month = '05', day = '01'),
    partition (account = '444455556666', region = 'eu-west-1', year = '2026', month = '05', day = '01');
