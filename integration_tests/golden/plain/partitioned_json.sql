create database if not exists `cloudtrail_s3`;

drop table if exists `cloudtrail_s3`.`cloudtrail_events`;

create external table `cloudtrail_s3`.`cloudtrail_events` (
    `eventversion` string,
    `useridentity` struct<type:string,principalid:string,arn:string,accountid:string,invokedby:string,accesskeyid:string,username:string,onbehalfof:struct<userid:string,identitystorearn:string>,sessioncontext:struct<attributes:struct<mfaauthenticated:string,creationdate:string>,sessionissuer:struct<type:string,principalid:string,arn:string,accountid:string,username:string>,ec2roledelivery:string,webidfederationdata:struct<federatedprovider:string,attributes:map<string,string>>>>,
    `eventtime` string,
    `eventsource` string,
    `eventname` string,
    `awsregion` string,
    `sourceipaddress` string,
    `useragent` string,
    `errorcode` string,
    `errormessage` string,
    `requestparameters` string,
    `responseelements` string,
    `additionaleventdata` string,
    `requestid` string,
    `eventid` string,
    `resources` array<struct<arn:string,accountid:string,type:string>>,
    `eventtype` string,
    `apiversion` string,
    `readonly` string,
    `recipientaccountid` string,
    `serviceeventdetails` string,
    `sharedeventid` string,
    `vpcendpointid` string,
    `vpcendpointaccountid` string,
    `eventcategory` string,
    `addendum` struct<reason:string,updatedfields:string,originalrequestid:string,originaleventid:string>,
    `sessioncredentialfromconsole` string,
    `edgedevicedetails` string,
    `tlsdetails` struct<tlsversion:string,ciphersuite:string,clientprovidedhostheader:string>,
    `managementevent` string
)
partitioned by (
    `region` string,
    `year` string,
    `month` string,
    `day` string
)
row format serde 'org.apache.hive.hcatalog.data.JsonSerDe'
stored as
    inputformat 'com.amazon.emr.cloudtrail.CloudTrailInputFormat'
    outputformat 'org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat'
location 's3://amzn-s3-demo-bucket/logs/AWSLogs/111122223333/CloudTrail/';
