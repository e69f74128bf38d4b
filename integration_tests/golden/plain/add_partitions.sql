alter table `cloudtrail_s3`.`cloudtrail_events` add if not exists
    partition (region = 'us-east-1', year = '2026', month = '04', day = '30')
        location 's3://amzn-s3-demo-bucket/logs/AWSLogs/111122223333/CloudTrail/us-east-1/2026/04/30/'
    partition (region = 'eu-west-1', year = '2026', month = '04', day = '30')
        location 's3://amzn-s3-demo-bucket/logs/AWSLogs/111122223333/CloudTrail/eu-west-1/2026/04/30/'
    partition (region = 'us-east-1', year = '2026', month = '05', day = '01')
        location 's3://amzn-s3-demo-bucket/logs/AWSLogs/111122223333/CloudTrail/us-east-1/2026/05/01/'
    partition (region = 'eu-west-1', year = '2026', month = '05', day = '01')
        location 's3://amzn-s3-demo-bucket/logs/AWSLogs/111122223333/CloudTrail/eu-west-1/2026/05/01/';
