"""What moto's stacks leave out: types of resources, and one policy of deletion.

A stack makes each of these resources by a call to the service's API, to which moto
does answer: boto3 checks the names and types of what a template gives. Where the two
differ, it is here.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from moto.cloudformation import models
from moto.cloudformation.exceptions import ValidationError
from moto.cloudformation.parsing import ResourceMap
from moto.core.common_models import CloudFormationModel

Properties = dict[str, Any]


class ByApi:
    """A resource of a stack that calls of an API make, change and delete.

    Attributes:
        kind: its type in a template.
        service: the service whose API is called.
        named_by: the property that holds its name, if it can have one.
        client: returns boto3's client of a service; set by `install`.
    """

    kind = ""
    service = ""
    named_by = ""
    client: Callable[[str], Any]

    def __init__(self, name: str, properties: Properties) -> None:
        self.name = name
        self.properties = properties
        self.api = ByApi.client(self.service)

    def put(self, is_new: bool) -> None:
        """Make it, or give it its properties anew."""
        raise NotImplementedError

    def try_to_put(self, is_new: bool) -> None:
        """Make it or change it.

        Raises:
            ValidationError: the API refuses the properties.
        """
        try:
            self.put(is_new)
        except (BotoCoreError, ClientError) as error:
            raise ValidationError(self.name, message=str(error)) from error

    def remove(self) -> None:
        """Delete it."""
        raise NotImplementedError

    @property
    def arn(self) -> str:
        """Its ARN, if templates may ask for it."""
        raise NotImplementedError

    @property
    def physical_resource_id(self) -> str:
        """What Ref returns."""
        return self.name

    @classmethod
    def cloudformation_type(cls) -> str:
        """Return its type."""
        return cls.kind

    @classmethod
    def cloudformation_name_type(cls) -> str:
        """Return the property that holds its name."""
        return cls.named_by

    @classmethod
    def has_cfn_attr(cls, attr: str) -> bool:
        """Tell whether GetAtt knows an attribute."""
        return attr == "Arn" and cls.arn is not ByApi.arn

    def get_cfn_attribute(self, attribute_name: str) -> str:
        """Return what GetAtt returns."""
        assert self.has_cfn_attr(attribute_name), f"{self.kind}.{attribute_name}"
        return self.arn

    @classmethod
    def create_from_cloudformation_json(
        cls, resource_name: str, cloudformation_json: Any, *_: Any, **__: Any
    ) -> ByApi:
        """Make it for a stack."""
        made = cls(resource_name, cloudformation_json["Properties"])
        made.try_to_put(is_new=True)
        return made

    @classmethod
    def update_from_cloudformation_json(
        cls, original_resource: ByApi, cloudformation_json: Any, **_: Any
    ) -> ByApi:
        """Change it with a stack. No name changes: a template has it from the stack."""
        changed = cls(original_resource.name, cloudformation_json["Properties"])
        changed.try_to_put(is_new=False)
        return changed

    def delete(self, *_: Any) -> None:
        """Delete it with a stack."""
        self.remove()


def without(properties: Properties, *names: str) -> Properties:
    """Return the properties but some."""
    return {name: value for name, value in properties.items() if name not in names}


class WorkGroup(ByApi, CloudFormationModel):
    """A workgroup of Athena's."""

    kind = "AWS::Athena::WorkGroup"
    service = "athena"
    named_by = "Name"

    def put(self, is_new: bool) -> None:
        """Make it; its settings are whole in each template, so none are kept."""
        if not is_new:
            self.remove()
        given = without(
            self.properties, "WorkGroupConfiguration", "RecursiveDeleteOption"
        )
        self.api.create_work_group(
            **{**given, "Name": self.name},
            Configuration=self.properties["WorkGroupConfiguration"],
        )

    def remove(self) -> None:
        """Delete it, with its queries."""
        self.api.delete_work_group(WorkGroup=self.name, RecursiveDeleteOption=True)


class Database(ByApi, CloudFormationModel):
    """A database of Glue's."""

    kind = "AWS::Glue::Database"
    service = "glue"

    @property
    def physical_resource_id(self) -> str:
        """Its name."""
        return self.properties["DatabaseInput"]["Name"]

    def put(self, is_new: bool) -> None:
        """Make it or change it."""
        if is_new:
            self.api.create_database(**self.properties)
        else:
            self.api.update_database(Name=self.physical_resource_id, **self.properties)

    def remove(self) -> None:
        """Delete it."""
        self.api.delete_database(Name=self.physical_resource_id)


class BucketPolicy(ByApi, CloudFormationModel):
    """The policy of a bucket."""

    kind = "AWS::S3::BucketPolicy"
    service = "s3"

    def put(self, is_new: bool) -> None:
        """Set it."""
        policy = json.dumps(self.properties["PolicyDocument"])
        self.api.put_bucket_policy(Bucket=self.properties["Bucket"], Policy=policy)

    def remove(self) -> None:
        """Delete it."""
        self.api.delete_bucket_policy(Bucket=self.properties["Bucket"])


class TopicPolicy(ByApi, CloudFormationModel):
    """The policy of topics."""

    kind = "AWS::SNS::TopicPolicy"
    service = "sns"

    def put(self, is_new: bool) -> None:
        """Set it."""
        for topic in self.properties["Topics"]:
            self.api.set_topic_attributes(
                TopicArn=topic,
                AttributeName="Policy",
                AttributeValue=json.dumps(self.properties["PolicyDocument"]),
            )

    def remove(self) -> None:
        """Leave it: a topic goes with its policy."""


class ScheduleGroup(ByApi, CloudFormationModel):
    """A group of schedules."""

    kind = "AWS::Scheduler::ScheduleGroup"
    service = "scheduler"
    named_by = "Name"

    def put(self, is_new: bool) -> None:
        """Make it; it has nothing that could change."""
        if is_new:
            self.api.create_schedule_group(Name=self.name)

    def remove(self) -> None:
        """Delete it, with its schedules."""
        self.api.delete_schedule_group(Name=self.name)

    @property
    def arn(self) -> str:
        """Its ARN."""
        return self.api.get_schedule_group(Name=self.name)["Arn"]


class Schedule(ByApi, CloudFormationModel):
    """A schedule."""

    kind = "AWS::Scheduler::Schedule"
    service = "scheduler"
    named_by = "Name"

    def put(self, is_new: bool) -> None:
        """Make it or change it."""
        put = self.api.create_schedule if is_new else self.api.update_schedule
        given = copy.deepcopy({**self.properties, "Name": self.name})
        network = given["Target"].get("EcsParameters", {}).get("NetworkConfiguration")
        if network:
            network["awsvpcConfiguration"] = network.pop("AwsvpcConfiguration")
        put(**given)

    def remove(self) -> None:
        """Delete it, unless it went with its group."""
        try:
            self.api.delete_schedule(
                Name=self.name, GroupName=self.properties.get("GroupName", "default")
            )
        except self.api.exceptions.ResourceNotFoundException:
            pass


class Alarm(ByApi, CloudFormationModel):
    """An alarm of CloudWatch's."""

    kind = "AWS::CloudWatch::Alarm"
    service = "cloudwatch"
    named_by = "AlarmName"

    def put(self, is_new: bool) -> None:
        """Make it or change it."""
        self.api.put_metric_alarm(**{**self.properties, "AlarmName": self.name})

    def remove(self) -> None:
        """Delete it."""
        self.api.delete_alarms(AlarmNames=[self.name])

    @property
    def arn(self) -> str:
        """Its ARN."""
        (alarm,) = self.api.describe_alarms(AlarmNames=[self.name])["MetricAlarms"]
        return alarm["AlarmArn"]


class Resources(ResourceMap):
    """The resources of a stack, as moto has them."""

    def delete(self) -> None:
        """Delete them, but those that only a failed creation takes away."""
        for resource in self._resource_json_map.values():
            if resource.get("DeletionPolicy") == "RetainExceptOnCreate":
                resource["DeletionPolicy"] = "Retain"
        super().delete()


def install(client: Callable[[str], Any]) -> None:
    """Have moto's stacks know all this: moto finds types by their base class.

    Args:
        client: returns boto3's client of a service that moto answers for.
    """
    ByApi.client = staticmethod(client)
    models.ResourceMap = Resources
