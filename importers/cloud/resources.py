"""Resources become parts, zones, flows and rights; what only configures others joins them and is counted."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from graphmodel.knowledge.vocabulary import ActorKind
from graphmodel.reading.values import Place
from importers.deployment.outside import Outside
from importers.elements import Attacker, Boundary, Found, Ground, Link, Measure, Part, Sign, call

INTERNET = "internet attacker"
MAX_DEPTH, MAX_REACHED = 4, 200
MOST_STEPS = 3_000_000  # along references and rights, in one file
_GLUE = re.compile(
    r"role|policy|policies|attachment|association|security_?group|route|_rule$|::rule$|permission|version|config|subnet|gateway_"
    r"attachment|internet_?gateway|nat_?gateway|::eip|_eip|alarm|dashboard|target|listener|autoscaling_policy|lifecycle|"
    r"taskdefinition|task_definition|notification|customresource|^custom::|waitcondition|certificate|record|zone|alias|"
    r"layer|stage|deployment$|method|integration|authorizer|usage_?plan|api_?key|userpoolclient|user_pool_client|userpooldomain|"
    r"parameter|kms|encryption|versioning|access_block|ownership|acl|_object|instance_?profile|network_interface|endpoint_?group|"
    r"vpc_?endpoint|::vpcendpoint|random_|null_|local_|time_|tls_|archive_|resource_group|subscription_?filter|schedule|mapping|"
    r"originaccess|origin_access|service_account|iam_|binding|member|project_service|dhcp|flow_?log|api_?resource|"
    r"resource_policy|data_?protection|scalable|event_?source|subscription$|_user$|metric|budget|metadata|nested|::stack$|servicediscovery|iam_?group|iam::group|glue_?table|glue::table|"
    r"catalog_table|network_peering|peeringconnection|firewall|::macro$|option_group|parameter_group|subnet_group|lambda::url|"
    r"userpoolgroup|logs::deliver|s3::object|reportgroup|servicecatalog|wafregional|request_validator|api_gateway_model|"
    r"apigateway::(?:account|resource)$|networkinterface|dms::endpoint|placement|accesspoint|access_point|mount_?target",
    re.IGNORECASE,
)
_NOT_GLUE = re.compile(
    r"apigatewayv2_api$|rest_api$|::gatewaytarget$|gateway_target$|cognitive_deployment|kubernetes_deployment|secretsmanager|"
    r"job_definition|secret_manager_secret$|sagemaker::modelpackagegroup",
    re.IGNORECASE,
)
_VPC = frozenset({"aws_vpc", "aws::ec2::vpc", "google_compute_network", "azurerm_virtual_network"})
_READ = re.compile(r"(?:^|:)(?:get|list|retrieve|describe|scan|query|batchget|read|select|search)", re.IGNORECASE)
_WRITE = re.compile(r"(?:^|:)(?:put|delete|update|write|create|batchwrite|send|publish|copy)", re.IGNORECASE)
_RUN = re.compile(r"passrole|updatefunctioncode|ecs:executecommand|ssm:sendcommand", re.IGNORECASE)
_CALL = re.compile(r"(?:^|:)(?:invoke|converse|startexecution|agenticretrieve)", re.IGNORECASE)


@dataclass(frozen=True)
class Resource:
    """``references`` are the keys of the resources that it names; ``statements`` its rights: actions and what on."""

    key: str
    type: str
    name: str
    place: Place
    values: Mapping[str, Any] = field(default_factory=dict)
    references: tuple[str, ...] = ()
    statements: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...] = ()

    @property
    def glue(self) -> bool:
        """Whether it only configures others."""
        return _is_glue(self.type)


@lru_cache(2_000)  # there are few types, and each is asked for many times
def _is_glue(type_: str) -> bool:
    return bool(_GLUE.search(type_)) and not _NOT_GLUE.search(type_)


_SIGNED = re.compile(
    r"^(?:aws_|aws::)(?:sagemaker|bedrock\w*|s3|dynamodb|secretsmanager|sqs|sns|kms|kinesis\w*|lambda|ecr|athena|glue|"
    r"opensearchserverless|sfn|stepfunctions|comprehend|rekognition|textract|transcribe)(?:_|::|$)|"
    r"^azurerm_(?:cognitive|ai_services|storage|key_vault|cosmosdb|search_service|machine_learning)|"
    r"^google_(?:vertex|storage|bigquery|secret_manager|pubsub|firestore)"
)


@lru_cache(2_000)
def _is_signed(type_: str) -> bool:
    """Whether it is called through its provider's own interface, which takes signed requests over TLS alone."""
    return _SIGNED.search(type_.lower()) is not None


@lru_cache(2_000)
def _gives_rights(type_: str) -> bool:
    return re.search(r"role|policy|security_?group", type_, re.IGNORECASE) is not None


def assemble(found: Found, resources: Iterable[Resource]) -> None:
    """Add everything that the resources are and say of each other."""
    _Assembly(found, {one.key: one for one in resources}).run()


class _Assembly:
    def __init__(self, found: Found, resources: dict[str, Resource]) -> None:
        self.found, self.resources = found, resources
        self.outside = Outside(found)
        self.open = False
        self.left = MOST_STEPS
        self.named: dict[str, list[str]] = {}
        for one in resources.values():
            for target in one.references:
                self.named.setdefault(target, []).append(one.key)

    def run(self) -> None:
        for one in self.resources.values():
            if one.type.lower() in _VPC:
                self.found.boundaries.append(Boundary(one.key, one.name, one.place, one.type))
        for one in self.resources.values():
            if one.type.lower() in _VPC:
                continue
            if one.glue:
                self.found.omit(one.type, one.place, "it only configures other resources")
                continue
            reached = self._reached(one)
            zone = next((key for key in reached if self.resources[key].type.lower() in _VPC), "")
            self.found.parts.append(
                Part(one.key, one.name, one.place, one.type, (Sign("resource", one.type.lower()),), boundary=zone)
            )
        for one in self.resources.values():
            if not one.glue and one.type.lower() not in _VPC:
                self._joins(one)
                self._exposed(one)
                self._controls(one)
        if self.left < 0:
            self.found.omit("reference", (), "there are too many references and rights; the last are not followed")

    def _reached(self, one: Resource) -> list[str]:
        """The resources that one names, by itself or through what only configures."""
        found: dict[str, None] = {}
        front, seen = list(one.references), {one.key}
        for _ in range(MAX_DEPTH):
            following: list[str] = []
            for key in front:
                self.left -= 1
                if len(seen) > MAX_REACHED or self.left < 0:
                    break
                target = self.resources.get(key)
                if target is None or key in seen:
                    continue
                seen.add(key)
                if target.glue and not _gives_rights(target.type):
                    following += target.references[:MAX_REACHED]
                else:
                    found[key] = None
            front = following
        return list(found)

    def _joins(self, one: Resource) -> None:
        for key in self._reached(one):
            target = self.resources[key]
            if target.type.lower() in _VPC:
                continue
            if target.glue:
                self._rights(one, target)
            else:
                self._join(one, target)
        for actions, on in one.statements:
            self._statement(one, actions, on, one.place)
        for key in dict.fromkeys(self._balanced(one)):
            self._link(one.key, "sendsTo", key, one.place, True)

    def _balanced(self, one: Resource) -> Iterator[str]:
        """What stands behind a load balancer: through its listeners and their rules to the target groups."""
        listeners = [key for key in self.named.get(one.key, ()) if "listener" in self.resources[key].type.lower()]
        rules = [key for each in listeners for key in self.named.get(each, ())]
        for key in (*listeners, *rules):
            for group in self.resources[key].references:
                self.left -= len(self.named.get(group, ()))
                if self.left < 0:
                    return
                if group in self.resources and re.search("target_?group", self.resources[group].type, re.IGNORECASE):
                    yield from (each for each in self.named.get(group, ()) if not self.resources[each].glue)

    def _join(self, one: Resource, target: Resource) -> None:
        ours, theirs = one.type.lower(), target.type.lower()
        relation = ""
        if ours.endswith(("log_group", "::loggroup")):
            self.found.links.append(Link(target.key, "mayWrite", one.key, one.place, "logs", Ground.REFERENCE))
            return
        if "secret" in theirs or "access_key" in theirs:
            relation = "usesSecret"
        elif "sagemaker" in theirs and theirs.endswith("model") and "endpoint" in ours:
            relation = "servesModel"
        elif "guardrail" in theirs:
            for control in ("input-guardrail", "output-guardrail"):
                self._control(f"{target.name} on {one.name}", one.place, control, (target.key, one.key))
        elif "knowledge" in ours and ("collection" in theirs or "s3vectors" in theirs or "rds" in theirs):
            relation = "storedIn"
        elif "action_group" in ours or "gatewaytarget" in ours or "gateway_target" in ours:
            if "agent_agent" in theirs and "action_group" not in theirs:
                self._link(target.key, "invokes", one.key, one.place, True)
                return
            if theirs.endswith("gateway"):
                self._link(target.key, "sendsTo", one.key, one.place, True)
                return
        elif "knowledge" in theirs and "agent" in ours:
            relation = "retrievesFrom"
        elif theirs.endswith(("cluster", "service_plan")) and "service" in ours:
            relation = "runsIn"
        elif "cognito" in theirs:
            relation = "authenticatedBy"
        elif "ecr" in theirs or "artifact_registry" in theirs:
            relation = "deployedFrom"
        elif "log" in theirs.rpartition("_")[0] and "group" in theirs:
            self.found.links.append(Link(one.key, "mayWrite", target.key, one.place, "logs", Ground.REFERENCE))
            return
        if relation:
            self.found.links.append(Link(one.key, relation, target.key, one.place, "reference", Ground.REFERENCE))
        else:
            self._link(one.key, "sendsTo", target.key, one.place, True)

    def _link(self, origin: str, relation: str, target: str, place: Place, flow: bool) -> None:
        signed = True if flow and _is_signed(self.resources[target].type) else None
        self.found.links.append(
            Link(origin, relation, target, place, "reference", Ground.REFERENCE, flow=flow, two_way=flow,
                 opened_by=origin if flow else "", authenticated=signed, encrypted=signed)
        )  # fmt: skip

    def _rights(self, one: Resource, role: Resource) -> None:
        """The rights of a role that a resource assumes, with those of the policies that name the role."""
        for holder in [role, *(self.resources[key] for key in self.named.get(role.key, ())[:50])]:
            if holder is role or "polic" in holder.type.lower():
                for actions, on in holder.statements:
                    self._statement(one, actions, on, holder.place)

    def _statement(self, one: Resource, actions: tuple[str, ...], on: tuple[str, ...], place: Place) -> None:
        if not on:
            self.found.omit("right", place, "it is over nothing that is in this file")
            return
        self.left -= len(on)
        for key in on if self.left >= 0 else ():
            target = self.resources.get(key)
            if target is None or target.glue or target.key == one.key or target.type.lower() in _VPC:
                continue
            everything = any(action in ("*",) or action.endswith(":*") for action in actions)
            if everything or any(_READ.search(action) for action in actions):
                self.found.links.append(Link(one.key, "mayRead", key, place, "right"))
            if everything or any(_WRITE.search(action) for action in actions):
                self.found.links.append(Link(one.key, "mayWrite", key, place, "right"))
            if any(_RUN.search(action) for action in actions):
                self.found.links.append(Link(one.key, "mayRun", key, place, "right"))
            if any(_CALL.search(action) for action in actions):
                self._link(one.key, "sendsTo", key, place, True)

    def _exposed(self, one: Resource) -> None:
        values, type_ = one.values, one.type.lower()
        public = _truth(values, "publicly_accessible", "PubliclyAccessible", "public_network_access_enabled")
        if type_ in ("aws_lb", "aws_alb", "aws_elb"):
            public = values.get("internal") is False
        elif type_ == "aws::elasticloadbalancingv2::loadbalancer":
            public = values.get("Scheme", "internet-facing") == "internet-facing"
        elif "cloudfront" in type_ and "distribution" in type_:
            public = True
        elif type_ in ("aws_api_gateway_rest_api", "aws_apigatewayv2_api", "aws::apigateway::restapi",
                       "aws::apigatewayv2::api", "aws::serverless::api", "aws::serverless::httpapi"):  # fmt: skip
            public = "PRIVATE" not in str(values.get("endpoint_configuration", values.get("EndpointConfiguration", "")))
        if not public:
            return
        if not self.open:
            self.open = True
            zone = self.outside.internet(one.place)
            self.found.attackers.append(
                Attacker(INTERNET, "Internet attacker", one.place, "exposure", ActorKind.OUTSIDER, boundary=zone)
            )
        self.found.links.append(
            call(INTERNET, "sendsTo", one.key, one.place, "exposed", encrypted=self._listens(one))
        )  # fmt: skip

    def _listens(self, one: Resource) -> bool | None:
        """Whether the listeners of a load balancer speak TLS only; None where none is in the file."""
        said = [
            str(listener.values.get("protocol", listener.values.get("Protocol", ""))).upper()
            for key in self.named.get(one.key, ())
            if "listener" in (listener := self.resources[key]).type.lower() and "rule" not in listener.type.lower()
        ]
        return all(protocol in ("HTTPS", "TLS") for protocol in said) if said else None

    def _controls(self, one: Resource) -> None:
        values = one.values
        keyed = any(values.get(key) for key in ("kms_key_id", "kms_key_arn", "KmsKeyId", "KMSKeyId", "KmsMasterKeyId"))
        stored = _truth(values, "storage_encrypted", "StorageEncrypted")
        encrypted = "BucketEncryption" in values or stored or keyed
        blocked = values.get("PublicAccessBlockConfiguration")
        said = list(blocked.values()) if isinstance(blocked, dict) else []
        closed = len(said) == 4 and all(str(one).lower() == "true" for one in said)
        for key in self.named.get(one.key, ()):
            other = self.resources[key]
            encrypted |= other.type == "aws_s3_bucket_server_side_encryption_configuration"
            if other.type == "aws_s3_bucket_public_access_block":
                names = ("block_public_acls", "block_public_policy", "ignore_public_acls", "restrict_public_buckets")
                closed |= all(other.values.get(name) is True for name in names)
        if encrypted:
            self._control(f"Encryption of {one.name}", one.place, "encryption-at-rest", (one.key,))
        if closed:
            self._control(f"No public access to {one.name}", one.place, "store-access-control", (one.key,))

    def _control(self, name: str, place: Place, control: str, protects: tuple[str, ...]) -> None:
        self.found.measures.append(Measure(f"{control} {name}", name, place, control, control, protects))


def _truth(values: Mapping[str, Any], *keys: str) -> bool:
    return any(str(values.get(key)).lower() == "true" for key in keys)


def actions_of(statement: Mapping[str, Any]) -> tuple[str, ...]:
    """The actions that a statement of a policy allows."""
    if statement.get("Effect") != "Allow":
        return ()
    said = statement.get("Action")
    return tuple(str(one) for one in (said if isinstance(said, list) else [said]) if isinstance(one, str))[:100]
