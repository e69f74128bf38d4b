"""The CloudFormation template: its rules, its roles, and a stack of it in moto."""

from __future__ import annotations

import functools
import json
import re
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import yaml
from botocore.exceptions import ClientError
from cfnlint.api import lint_file
from cfnlint.decode import decode
from driver import PROJECT
from stacks import TEMPLATE, Stack
from test_policy import as_documented, policy
from werkzeug.serving import make_server

from local_athena import cloudformation, server
from local_athena.stack import OPERATOR_ACCESS_KEY, RESULTS_BUCKET

NAME = "cloudtrail-s3"
ACCOUNT = "123456789012"  # moto's


@pytest.fixture(scope="module")
def template() -> dict[str, Any]:
    """Return the template, with short forms of functions written out."""
    read, errors = decode(str(TEMPLATE))
    assert not errors
    return json.loads(json.dumps(read))


@pytest.fixture(scope="module")
def client() -> Iterator[Callable[[str], Any]]:
    """Return clients of an account that nobody used: moto's, without Trino."""
    served = make_server(
        "127.0.0.1", 0, server.moto, threaded=True, request_handler=server.Handler
    )
    threading.Thread(target=served.serve_forever, daemon=True).start()
    endpoint = f"http://127.0.0.1:{served.server_port}"
    made = functools.cache(server.clients_of(OPERATOR_ACCESS_KEY, endpoint))
    cloudformation.install(made)
    yield made
    served.shutdown()


@pytest.fixture(scope="module")
def stack(client: Callable[[str], Any]) -> Stack:
    """Return a stack with every optional parameter."""
    return Stack(
        client,
        NAME,
        LogPrefix="trail/",
        OrganizationId="o-example111",
        LogKmsKeyArn=f"arn:aws:kms:us-east-1:{ACCOUNT}:key/11112222-3333",
        NotificationEmail="who@example.com",
        RetentionDays="400",
    )


# The template itself


def test_the_template_has_no_fault() -> None:
    assert [str(match) for match in lint_file(TEMPLATE)] == []


def test_every_parameter_is_described_and_limited(template: dict[str, Any]) -> None:
    grouped = template["Metadata"]["AWS::CloudFormation::Interface"]["ParameterGroups"]
    names = [name for group in grouped for name in group["Parameters"]]
    assert sorted(names) == sorted(template["Parameters"])
    for name, parameter in template["Parameters"].items():
        assert parameter["Description"], name
        is_limited = {"AllowedPattern", "AllowedValues", "MinValue"} & set(parameter)
        assert is_limited or parameter["Type"].startswith(("AWS::", "List<AWS::")), name


@pytest.mark.parametrize(
    ("parameter", "value", "fits"),
    [
        ("LogPrefix", "", True),
        ("LogPrefix", "o-a1b2c3d4e5/", True),
        ("LogPrefix", "no/slash", False),
        ("LogPrefix", 'quote"/', False),
        ("LogPrefix", "every*/", False),
        ("LogBucket", "my-log-bucket", True),
        ("LogBucket", "s3://my-log-bucket", False),
        ("AccountIds", "111122223333,444455556666", True),
        ("AccountIds", '111122223333", "x', False),
        ("Regions", "us-gov-west-1,eu-west-1", True),
        ("Regions", "eu-west-1, us-east-1", False),
        ("StartDate", "2026-05-01", True),
        ("StartDate", "2026-05-01 or so", False),
        ("ScheduleExpression", "cron(30 1 * * ? *)", True),
        ("ScheduleExpression", "daily", False),
        ("NotificationEmail", "who@example.com", True),
        ("DatabaseName", "cloudtrail_s3", True),
        ("DatabaseName", "cloudtrail/*", False),
    ],
)
def test_parameters_are_checked(
    template: dict[str, Any], parameter: str, value: str, fits: bool
) -> None:
    pattern = template["Parameters"][parameter]["AllowedPattern"]
    # A pattern is matched with the whole value.
    assert bool(re.fullmatch(pattern, value)) == fits


def test_the_bucket_is_closed_and_kept(template: dict[str, Any]) -> None:
    """What moto's stacks leave out of a bucket."""
    bucket = template["Resources"]["Bucket"]
    assert bucket["UpdateReplacePolicy"] == "Retain"
    # With Retain alone, what a failed deployment leaves would stop the next one.
    kept = {
        name
        for name, resource in template["Resources"].items()
        if resource.get("DeletionPolicy") == "RetainExceptOnCreate"
    }
    assert kept == {"Bucket", "BucketPolicy", "Database"}
    properties = bucket["Properties"]
    assert set(properties["PublicAccessBlockConfiguration"].values()) == {True}
    assert properties["OwnershipControls"]["Rules"] == [
        {"ObjectOwnership": "BucketOwnerEnforced"}
    ]
    expired = {
        rule["Prefix"]
        for rule in properties["LifecycleConfiguration"]["Rules"]
        if "ExpirationInDays" in rule
    }
    assert expired == {f"athena/{digit}" for digit in "0123456789abcdef"}


def test_the_task_has_its_roles(template: dict[str, Any]) -> None:
    """What moto leaves out of a task definition."""
    task = template["Resources"]["Task"]["Properties"]
    assert task["TaskRoleArn"] == {"Fn::GetAtt": ["TaskRole", "Arn"]}
    assert task["ExecutionRoleArn"] == {"Fn::GetAtt": ["ExecutionRole", "Arn"]}
    assert (task["NetworkMode"], task["RequiresCompatibilities"]) == (
        "awsvpc",
        ["FARGATE"],
    )
    egress = template["Resources"]["TaskSecurityGroup"]["Properties"]
    assert "SecurityGroupIngress" not in egress
    assert [
        (rule["IpProtocol"], rule["FromPort"], rule["ToPort"])
        for rule in egress["SecurityGroupEgress"]
    ] == [("tcp", 443, 443)]


# A stack


def test_nothing_of_the_template_is_left_out(
    template: dict[str, Any], stack: Stack
) -> None:
    assert stack.status == "CREATE_COMPLETE"
    assert set(stack.resources) == set(template["Resources"])
    assert set(stack.outputs) == set(template["Outputs"])
    assert all(stack.outputs.values())


def test_the_outputs_are_the_profile(stack: Stack) -> None:
    """A shell's eval of the output gives what the task's container has."""
    pairs = re.findall(r"([A-Z0-9_]+)='([^']*)'", stack.outputs["Profile"])
    environment = stack.environment
    variables = json.loads(environment.pop("VARS"))
    # make's, not the profile's.
    assert environment.pop("TARGET") == "athena"
    assert dict(pairs) == environment
    profile = (PROJECT / "profiles.example.yml").read_text("utf-8")
    read = set(re.findall(r"env_var\('((?:ATHENA|AWS)_\w+)'", profile))
    assert read - set(environment) == {"ATHENA_DATABASE"}
    project = yaml.safe_load((PROJECT / "dbt_project.yml").read_text("utf-8"))
    assert set(variables) < set(project["vars"])
    assert variables["cloudtrail_root"] == "s3://cloudtrail-logs/trail/"
    assert variables["cloudtrail_account_ids"] == ["111122223333"]
    assert variables["cloudtrail_regions"] == ["us-east-1", "eu-west-1"]
    assert variables["cloudtrail_retention_days"] == 400


def test_the_workgroup_decides_for_its_queries(stack: Stack) -> None:
    told = stack.client("athena").get_work_group(WorkGroup=NAME)["WorkGroup"]
    settings = told["Configuration"]
    assert settings["EnforceWorkGroupConfiguration"] is True
    assert settings["BytesScannedCutoffPerQuery"] == 1 << 40
    assert settings["ResultConfiguration"] == {
        "OutputLocation": stack.environment["ATHENA_S3_STAGING_DIR"],
        "EncryptionConfiguration": {"EncryptionOption": "SSE_S3"},
    }


def test_the_schedule_starts_the_task(stack: Stack) -> None:
    schedule = stack.client("scheduler").get_schedule(Name="daily", GroupName=NAME)
    target = schedule["Target"]
    assert (schedule["State"], schedule["ScheduleExpressionTimezone"]) == (
        "ENABLED",
        "UTC",
    )
    assert target["RoleArn"].endswith(stack.resources["SchedulerRole"])
    ecs = target["EcsParameters"]
    assert ecs["TaskDefinitionArn"] == stack.outputs["TaskDefinition"]
    network = ecs["NetworkConfiguration"]["awsvpcConfiguration"]
    assert ",".join(network["Subnets"]) == stack.parameters["Subnets"]


# Roles


def test_the_tasks_role_is_what_the_documentation_says(stack: Stack) -> None:
    """The same actions on the same things; and the key of encrypted logs."""
    statements = stack.statements("TaskRole")
    key = {statement["Sid"]: statement for statement in statements}.pop("DecryptLogs")
    assert key["Resource"] == stack.parameters["LogKmsKeyArn"]
    assert key["Condition"] == {
        "StringEquals": {"kms:ViaService": "s3.us-east-1.amazonaws.com"}
    }
    bucket = stack.outputs["BucketName"]

    def shown(resource: str) -> str:
        resource = resource.replace(bucket, RESULTS_BUCKET)
        resource = as_documented(resource.replace("/trail/*", "/*"))
        return resource.replace(f"us-east-1:{ACCOUNT}", "eu-west-1:111122223333")

    written = [
        {**statement, "Resource": [shown(arn) for arn in statement["Resource"]]}
        for statement in statements
        if statement is not key
    ]
    assert written == policy()


def test_roles_name_their_resources(stack: Stack) -> None:
    """Only a login to ECR is allowed on everything: it knows no resource."""
    on_all = []
    for role in ("TaskRole", "ExecutionRole", "SchedulerRole"):
        for statement in stack.statements(role):
            resources = statement["Resource"]
            resources = [resources] if isinstance(resources, str) else resources
            actions = statement["Action"]
            actions = [actions] if isinstance(actions, str) else actions
            assert not [action for action in actions if "*" in action], role
            if any(re.fullmatch(r"\*|arn:aws:[a-z0-9]+:\S*:\*", r) for r in resources):
                on_all += actions
    # Any stream of one log group, any revision of one family.
    assert on_all == [
        "ecr:GetAuthorizationToken",
        "logs:CreateLogStream",
        "logs:PutLogEvents",
        "ecs:RunTask",
    ]
    (run, pass_on) = stack.statements("SchedulerRole")
    assert run["Resource"] == [
        f"arn:aws:ecs:us-east-1:{ACCOUNT}:task-definition/{NAME}:*"
    ]
    assert run["Condition"]["ArnEquals"]["ecs:cluster"].endswith(f"cluster/{NAME}")
    assert pass_on["Action"] == "iam:PassRole"
    assert pass_on["Condition"] == {
        "StringEquals": {"iam:PassedToService": "ecs-tasks.amazonaws.com"}
    }
    assert [arn.rpartition("/")[2] for arn in pass_on["Resource"]] == [
        stack.resources["TaskRole"],
        stack.resources["ExecutionRole"],
    ]


@pytest.mark.parametrize(
    ("role", "service", "source"),
    [
        ("TaskRole", "ecs-tasks", f"arn:aws:ecs:us-east-1:{ACCOUNT}:*"),
        ("ExecutionRole", "ecs-tasks", f"arn:aws:ecs:us-east-1:{ACCOUNT}:*"),
        (
            "SchedulerRole",
            "scheduler",
            f"arn:aws:scheduler:us-east-1:{ACCOUNT}:schedule-group/{NAME}",
        ),
    ],
)
def test_a_service_takes_a_role_on_for_this_account_alone(
    stack: Stack, role: str, service: str, source: str
) -> None:
    (statement,) = stack.trust(role)
    assert statement["Principal"] == {"Service": f"{service}.amazonaws.com"}
    conditions: dict[str, str] = {}
    for values in statement["Condition"].values():
        conditions |= values
    assert conditions == {"aws:SourceAccount": ACCOUNT, "aws:SourceArn": source}


# Who is told


def test_a_failure_is_told(stack: Stack) -> None:
    topic = stack.outputs["FailureTopic"]
    events, sns = stack.client("events"), stack.client("sns")
    rule = stack.resources["TaskFailed"]
    pattern = json.loads(events.describe_rule(Name=rule)["EventPattern"])
    detail = pattern["detail"]
    assert pattern["source"] == ["aws.ecs"]
    assert detail["lastStatus"] == ["STOPPED"]
    assert [arn.rpartition("/")[2] for arn in detail["clusterArn"]] == [NAME]
    assert detail["$or"] == [
        {"containers": {"exitCode": [{"anything-but": 0}]}},
        {"stopCode": ["TaskFailedToStart"]},
    ]
    (target,) = events.list_targets_by_rule(Rule=rule)["Targets"]
    assert target["Arn"] == topic
    (alarm,) = stack.client("cloudwatch").describe_alarms()["MetricAlarms"]
    assert alarm["AlarmActions"] == [topic]
    assert alarm["Dimensions"] == [{"Name": "ScheduleGroup", "Value": NAME}]
    attributes = sns.get_topic_attributes(TopicArn=topic)["Attributes"]
    allowed = json.loads(attributes["Policy"])["Statement"]
    assert [
        (
            statement["Principal"]["Service"],
            statement["Condition"]["ArnEquals"]["aws:SourceArn"],
        )
        for statement in allowed
    ] == [
        ("events.amazonaws.com", events.describe_rule(Name=rule)["Arn"]),
        ("cloudwatch.amazonaws.com", alarm["AlarmArn"]),
    ]
    (subscribed,) = sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]
    assert (subscribed["Protocol"], subscribed["Endpoint"]) == (
        "email",
        "who@example.com",
    )


def test_without_options_nobody_is_told_by_mail(client: Callable[[str], Any]) -> None:
    plain = Stack(client, "plain", DatabaseName="plain")
    topic = plain.outputs["FailureTopic"]
    listed = client("sns").list_subscriptions_by_topic(TopicArn=topic)
    assert listed["Subscriptions"] == []
    sids = [statement["Sid"] for statement in plain.statements("TaskRole")]
    assert "DecryptLogs" not in sids
    plain.delete()


# What happens to a stack


def test_what_an_api_refuses_fails_the_stack(client: Callable[[str], Any]) -> None:
    """The stand-ins for what moto's stacks lack check what they are given."""
    with pytest.raises(ClientError, match="already exists|AlreadyExists"):
        Stack(client, "a-second", DatabaseName="default_of_none")
        Stack(client, "a-third", DatabaseName="default_of_none")


def test_a_stack_is_changed_and_deleted(client: Callable[[str], Any]) -> None:
    """The bucket, its policy and the database stay."""
    stack = Stack(client, "passing", DatabaseName="passing")
    resources, environment = stack.resources, stack.environment
    try:
        stack.update()
    except ClientError as error:
        assert "No updates are to be performed" in str(error)
    assert (stack.resources, stack.environment) == (resources, environment)

    stack.update(BytesLimit="10000000", ScheduleState="DISABLED")
    assert stack.status == "UPDATE_COMPLETE"
    told = client("athena").get_work_group(WorkGroup="passing")["WorkGroup"]
    assert told["Configuration"]["BytesScannedCutoffPerQuery"] == 10_000_000
    scheduler = client("scheduler")
    schedule = scheduler.get_schedule(Name="daily", GroupName="passing")
    assert schedule["State"] == "DISABLED"
    assert stack.resources["Bucket"] == resources["Bucket"]

    stack.delete()
    buckets = [bucket["Name"] for bucket in client("s3").list_buckets()["Buckets"]]
    assert resources["Bucket"] in buckets
    assert client("s3").get_bucket_policy(Bucket=resources["Bucket"])["Policy"]
    assert client("glue").get_database(Name="passing")
    groups = client("athena").list_work_groups()["WorkGroups"]
    assert "passing" not in [group["Name"] for group in groups]
    roles = {role["RoleName"] for role in client("iam").list_roles()["Roles"]}
    assert roles.isdisjoint(resources.values())
    with pytest.raises(ClientError):
        scheduler.get_schedule(Name="daily", GroupName="passing")
