"""Makes stacks of deploy/aws/template.yaml in moto, and asks what is in them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import yaml
from driver import PROJECT

TEMPLATE = PROJECT / "deploy" / "aws" / "template.yaml"


class Stack:
    """A stack of the template."""

    def __init__(
        self, client: Callable[[str], Any], name: str, **parameters: str
    ) -> None:
        """Create it.

        Args:
            client: returns boto3's client of a service.
            name: the stack's.
            parameters: of the template; those that have no default are given one.
        """
        self.client = client
        self.name = name
        self.api = client("cloudformation")
        ec2 = client("ec2")
        subnets = ec2.describe_subnets()["Subnets"][:2]
        self.parameters = {
            "LogBucket": "cloudtrail-logs",
            "AccountIds": "111122223333",
            "Regions": "us-east-1,eu-west-1",
            "StartDate": "2026-05-01",
            "ImageTag": "0.1.0",
            "VpcId": subnets[0]["VpcId"],
            "Subnets": ",".join(subnet["SubnetId"] for subnet in subnets),
            **parameters,
        }
        self._put(self.api.create_stack)

    def _put(self, action: Callable[..., Any]) -> None:
        action(
            StackName=self.name,
            TemplateBody=TEMPLATE.read_text("utf-8"),
            Parameters=[
                {"ParameterKey": key, "ParameterValue": value}
                for key, value in self.parameters.items()
            ],
            Capabilities=["CAPABILITY_IAM"],
        )

    def update(self, **parameters: str) -> None:
        """Give it the same template, and some other parameters."""
        self.parameters |= parameters
        self._put(self.api.update_stack)

    def delete(self) -> None:
        """Delete it."""
        self.api.delete_stack(StackName=self.name)

    @property
    def status(self) -> str:
        """What became of the last change."""
        return self._described["StackStatus"]

    @property
    def outputs(self) -> dict[str, str]:
        """The outputs by their keys."""
        return {
            output["OutputKey"]: output["OutputValue"]
            for output in self._described["Outputs"]
        }

    @property
    def _described(self) -> dict[str, Any]:
        (described,) = self.api.describe_stacks(StackName=self.name)["Stacks"]
        return described

    @property
    def resources(self) -> dict[str, str]:
        """What Ref returns, by logical id."""
        listed = self.api.list_stack_resources(StackName=self.name)
        return {
            resource["LogicalResourceId"]: resource["PhysicalResourceId"]
            for resource in listed["StackResourceSummaries"]
            if resource["LogicalResourceId"]
        }

    @property
    def environment(self) -> dict[str, str]:
        """What the task's container finds in its environment."""
        told = self.client("ecs").describe_task_definition(taskDefinition=self.name)
        (container,) = told["taskDefinition"]["containerDefinitions"]
        return {pair["name"]: pair["value"] for pair in container["environment"]}

    def statements(self, role: str) -> list[dict[str, Any]]:
        """Return the statements of a role's policies."""
        iam = self.client("iam")
        name = self.resources[role]
        documents = [
            iam.get_role_policy(RoleName=name, PolicyName=policy)["PolicyDocument"]
            for policy in iam.list_role_policies(RoleName=name)["PolicyNames"]
        ]
        # moto's stacks store one as Python writes a dictionary, which YAML reads.
        read = [yaml.safe_load(str(document)) for document in documents]
        return [statement for document in read for statement in document["Statement"]]

    def trust(self, role: str) -> list[dict[str, Any]]:
        """Return the statements that tell who may take a role on."""
        told = self.client("iam").get_role(RoleName=self.resources[role])
        return told["Role"]["AssumeRolePolicyDocument"]["Statement"]
