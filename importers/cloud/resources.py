"""Resources become parts, zones, flows and rights; what only configures others joins them and is counted."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from graphmodel.knowledge.vocabulary import ActorKind
from graphmodel.reading.values import Place
from importers.cloud.exposed import exposure, truth
from importers.cloud.google import allows, calls_models, roles_of
from importers.cloud.kinds import (
    AI_ACCOUNTS,
    PLATFORMS,
    TELEMETRY,
    gives_rights,
    is_glue,
    is_network,
    is_secret,
    is_signed,
)
from importers.cloud.settings import deployed_of, images_of, models_of, settings_of, walk
from importers.deployment.images import image
from importers.deployment.models import names_model
from importers.deployment.outside import Outside
from importers.deployment.providers import provider_of
from importers.elements import Attacker, Boundary, Found, Ground, Link, Measure, Part, Sign, call
from importers.secrets import is_secret_name
from importers.services import Services

INTERNET = "internet attacker"
MAX_DEPTH, MAX_REACHED = 4, 200
MOST_STEPS = 3_000_000  # along references and rights, in one file
_KINDS = ("Component", "DataAsset")  # a resource is no person, whatever it is called
_READ = re.compile(r"(?:^|:)(?:get|list|retrieve|describe|scan|query|batchget|read|select|search)", re.IGNORECASE)
_WRITE = re.compile(r"(?:^|:)(?:put|delete|update|write|create|batchwrite|send|publish|copy)", re.IGNORECASE)
_RUN = re.compile(r"passrole|updatefunctioncode|ecs:executecommand|ssm:sendcommand", re.IGNORECASE)
_BEDROCK = re.compile(r"^bedrock:(?:\*|invoke\*|invokemodel\w*\*?|converse\w*)$", re.IGNORECASE)
_OTHER_MODEL = re.compile(r"embed|dall-e|whisper|tts|image|sora|rerank", re.IGNORECASE)
_TASK = re.compile(r"task_?definition", re.IGNORECASE)
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
    note: str = ""

    @cached_property
    def pairs(self) -> tuple[tuple[str, Any], ...]:
        """Every key in its values with what it has, however deep."""
        return tuple(walk(self.values))

    @property
    def network(self) -> bool:
        """Whether it is a network of its own, in which others lie."""
        return is_network(self.type)

    @property
    def glue(self) -> bool:
        """Whether it only configures others."""
        return is_glue(self.type)


def assemble(found: Found, resources: Iterable[Resource]) -> None:
    """Add everything that the resources are and say of each other."""
    _Assembly(found, {one.key: one for one in resources}).run()


class _Assembly:
    def __init__(self, found: Found, resources: dict[str, Resource]) -> None:
        self.found, self.resources = found, resources
        self.outside = Outside(found)
        self.services = Services(found)
        accounts = [one for one in resources.values() if one.type.lower().startswith(AI_ACCOUNTS) and not one.glue]
        self.of_azure = [
            one.key for one in accounts if str(one.values.get("kind", "")).lower() in ("openai", "aiservices", "")
        ]
        self.of_google = [key for key, one in resources.items() if one.type.startswith("google_") and not one.glue]
        self.open = False
        self.left = MOST_STEPS
        self.named_by: dict[str, list[str]] = {}
        for one in resources.values():
            for target in one.references:
                self.named_by.setdefault(target, []).append(one.key)

    def run(self) -> None:
        for one in self.resources.values():
            if one.network:
                self.found.boundaries.append(Boundary(one.key, one.name, one.place, one.type))
        for one in self.resources.values():
            if one.network:
                continue
            if one.glue:
                self.found.omit(one.type, one.place, "it only configures other resources")
                continue
            reached = self._reached(one)
            zone = next((key for key in reached if self.resources[key].network), "")
            signs = self._signs(one)
            self.found.parts.append(
                Part(one.key, one.name, one.place, one.type, signs, boundary=zone, note=one.note, within=_KINDS)
            )
        for one in self.resources.values():
            if not one.glue and not one.network:
                self._joins(one)
                self._exposed(one)
                self._controls(one)
                self._named(one)
        if self.left < 0:
            self.found.omit("reference", (), "there are too many references and rights; the last are not followed")

    def _signs(self, one: Resource) -> tuple[Sign, ...]:
        """The type of a resource, before it the kind that it says to be, the images that it runs and the chart."""
        type_ = one.type.lower()
        found = [Sign("resource", type_)]
        if type_.startswith("awscc_"):  # the types of CloudFormation, as Terraform writes them
            _, service, *words = type_.split("_")
            found.append(Sign("resource", f"aws::{service}::{''.join(words)}"))
        kind = one.values.get("kind", one.values.get("Kind"))
        if isinstance(kind, str) and kind:
            found.insert(0, Sign("resource", f"{type_} {kind.lower()}"[:200]))
        if type_ == "helm_release" and isinstance(one.values.get("chart"), str):
            found.insert(0, Sign("host", one.values["chart"].rpartition("/")[2][:200]))
        for holder in self._runs(one):
            known = (image(said) for said in images_of(holder.pairs))
            found[:0] = [Sign("image", each.name) for each in known if each is not None]
        return tuple(found)

    def _runs(self, one: Resource) -> list[Resource]:
        """A resource with the descriptions of the tasks that it runs."""
        named = (self.resources[key] for key in one.references if key in self.resources)
        return [one, *(each for each in named if _TASK.search(each.type))]

    def _named(self, one: Resource) -> None:
        """Models, secrets and providers that the settings of a resource name."""
        place = one.place
        for model in dict.fromkeys(models_of(one.pairs)):
            endpoint = self.services.endpoint(place, "bedrock")
            embedding = "embed" in model
            self.services.call(one.key, endpoint, place, "model", ground=Ground.REFERENCE)
            known = self.services.model(place, "bedrock", model, endpoint, embedding)
            if not embedding:
                self.found.links.append(Link(one.key, "usesModel", known, place, "model", Ground.REFERENCE))
        if one.type.lower().startswith(AI_ACCOUNTS):
            parts = [one, *(each for key in self.named_by.get(one.key, ()) if (each := self.resources[key]).glue)]
            for model in dict.fromkeys(each for part in parts for each in deployed_of(part.pairs)):
                self.services.model(place, "Azure OpenAI", model, one.key, _OTHER_MODEL.search(model) is not None)
        for holder in self._runs(one):
            for name, value in dict.fromkeys((name, _text(value)) for name, value in settings_of(holder.pairs)):
                provider = provider_of(name)
                if provider is not None:
                    own = self.of_azure if provider.id == "azure" else []
                    called = own[0] if own else self.outside.provider(provider, holder.place)
                    self.services.call(one.key, called, holder.place, "setting", ground=Ground.REFERENCE)
                    self.services.secret(holder.place, name, one.key, called)
                elif is_secret_name(name):
                    self.services.secret(holder.place, name, one.key)
                elif names_model(name, value):
                    self._asks(one, holder.place, value.strip())

    def _asks(self, one: Resource, place: Place, model: str) -> None:
        signs = (Sign("model", model),)
        key = f"model {model}"
        self.services.add(Part(key, model[:200], place, "model", signs, "LanguageModel", ground=Ground.REFERENCE))
        self.found.links.append(Link(one.key, "usesModel", key, place, "model", Ground.REFERENCE))

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
                if target.glue and not gives_rights(target.type):
                    following += target.references[:MAX_REACHED]
                else:
                    found[key] = None
            front = following
        return list(found)

    def _joins(self, one: Resource) -> None:
        for key in self._reached(one):
            target = self.resources[key]
            if target.network:
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
        listeners = [key for key in self.named_by.get(one.key, ()) if "listener" in self.resources[key].type.lower()]
        rules = [key for each in listeners for key in self.named_by.get(each, ())]
        for key in (*listeners, *rules):
            for group in self.resources[key].references:
                self.left -= len(self.named_by.get(group, ()))
                if self.left < 0:
                    return
                if group in self.resources and re.search("target_?group", self.resources[group].type, re.IGNORECASE):
                    yield from (each for each in self.named_by.get(group, ()) if not self.resources[each].glue)

    def _join(self, one: Resource, target: Resource) -> None:
        ours, theirs = one.type.lower(), target.type.lower()
        relation = ""
        if is_secret(ours):
            relation = "storedIn" if theirs.endswith(("/vaults", "key_vault")) else "unlocks"
            self.found.links.append(Link(one.key, relation, target.key, one.place, "reference", Ground.REFERENCE))
            return
        if ours.startswith(TELEMETRY) and theirs.startswith(TELEMETRY):
            return
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
        elif (theirs.endswith(("cluster", "service_plan")) and "service" in ours) or theirs.endswith(PLATFORMS):
            relation = "runsIn"
        elif "cognito" in theirs:
            relation = "authenticatedBy"
        elif (
            "ecr" in theirs
            or "artifact_registry" in theirs
            or "containerregistry/" in theirs
            or theirs.endswith("registry")
        ):
            relation = "deployedFrom"
        elif ("log" in theirs.rpartition("_")[0] and "group" in theirs) or theirs.startswith(TELEMETRY):
            self.found.links.append(Link(one.key, "mayWrite", target.key, one.place, "logs", Ground.REFERENCE))
            return
        if relation:
            self.found.links.append(Link(one.key, relation, target.key, one.place, "reference", Ground.REFERENCE))
        else:
            self._link(one.key, "sendsTo", target.key, one.place, True)

    def _link(self, origin: str, relation: str, target: str, place: Place, flow: bool) -> None:
        signed = True if flow and is_signed(self.resources[target].type) else None
        self.found.links.append(
            Link(origin, relation, target, place, "reference", Ground.REFERENCE, flow=flow, two_way=flow,
                 opened_by=origin if flow else "", authenticated=signed, encrypted=signed)
        )  # fmt: skip

    def _rights(self, one: Resource, role: Resource) -> None:
        """The rights of a role that a resource assumes, with those of the policies that name the role."""
        for holder in [role, *(self.resources[key] for key in self.named_by.get(role.key, ())[:50])]:
            if holder.type.endswith(("_iam_member", "_iam_binding")):
                self._membership(one, holder)
            elif holder is role or "polic" in holder.type.lower():
                for policy in self._policies(holder):
                    for actions, on in policy.statements:
                        self._statement(one, actions, on, policy.place)

    def _membership(self, one: Resource, holder: Resource) -> None:
        """What a role of Google Cloud allows, over the resource that it is given on, or over all of the project."""
        on = [key for key in holder.references if key in self.resources and not self.resources[key].glue]
        if not on and holder.type.startswith("google_project_"):
            on = self.of_google
        for role in roles_of(holder.values):
            if calls_models(role) and holder.type.startswith("google_project_"):
                endpoint = self.services.endpoint(holder.place, "Vertex AI")
                self.services.call(one.key, endpoint, holder.place, "right", ground=Ground.REFERENCE)
            for key in on:
                self.left -= 1
                reads, writes = allows(role, self.resources[key].type)
                for relation, said in (("mayRead", reads), ("mayWrite", writes)):
                    if said and key != one.key and self.left >= 0:
                        self.found.links.append(Link(one.key, relation, key, holder.place, "right"))

    def _policies(self, holder: Resource) -> list[Resource]:
        """A role or a policy with the policies that it attaches, and the documents that they are written in."""
        found = [holder]
        for _ in range(2):
            more = (self.resources[key] for each in found for key in each.references if key in self.resources)
            found += [each for each in more if "polic" in each.type.lower() and each not in found][:MAX_REACHED]
        return found

    def _statement(self, one: Resource, actions: tuple[str, ...], on: tuple[str, ...], place: Place) -> None:
        if any(_BEDROCK.search(action) for action in actions):
            endpoint = self.services.endpoint(place, "bedrock")
            self.services.call(one.key, endpoint, place, "right", ground=Ground.REFERENCE)
            return
        if not on:
            self.found.omit("right", place, "it is over nothing that is in this file")
            return
        self.left -= len(on)
        for key in on if self.left >= 0 else ():
            target = self.resources.get(key)
            if target is None or target.glue or target.key == one.key or target.network:
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
        others = [self.resources[key] for key in self.named_by.get(one.key, ())]
        public, note = exposure(one, others, [self.resources[key] for key in one.references if key in self.resources])
        if not public:
            return
        if not self.open:
            self.open = True
            zone = self.outside.internet(one.place)
            self.found.attackers.append(
                Attacker(INTERNET, "Internet attacker", one.place, "exposure", ActorKind.OUTSIDER, boundary=zone)
            )
        encrypted = self._listens(one)
        self.found.links.append(
            call(INTERNET, "sendsTo", one.key, one.place, "exposed", encrypted=encrypted, note=note)
        )

    def _listens(self, one: Resource) -> bool | None:
        """Whether the listeners of a load balancer speak TLS only; None where none is in the file."""
        said = [
            str(listener.values.get("protocol", listener.values.get("Protocol", ""))).upper()
            for key in self.named_by.get(one.key, ())
            if "listener" in (listener := self.resources[key]).type.lower() and "rule" not in listener.type.lower()
        ]
        return all(protocol in ("HTTPS", "TLS") for protocol in said) if said else None

    def _controls(self, one: Resource) -> None:
        values = one.values
        keyed = any(values.get(key) for key in ("kms_key_id", "kms_key_arn", "KmsKeyId", "KMSKeyId", "KmsMasterKeyId"))
        stored = truth(values, "storage_encrypted", "StorageEncrypted")
        encrypted = "BucketEncryption" in values or stored or keyed
        blocked = values.get("PublicAccessBlockConfiguration")
        said = list(blocked.values()) if isinstance(blocked, dict) else []
        closed = len(said) == 4 and all(str(one).lower() == "true" for one in said)
        for key in self.named_by.get(one.key, ()):
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


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def actions_of(statement: Mapping[str, Any]) -> tuple[str, ...]:
    """The actions that a statement of a policy allows."""
    if statement.get("Effect") != "Allow":
        return ()
    said = statement.get("Action")
    return tuple(str(one) for one in (said if isinstance(said, list) else [said]) if isinstance(one, str))[:100]
