"""Workloads become parts with images, secrets, models and the flows that their settings tell of."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field, replace

from graphmodel.reading.addresses import address
from graphmodel.reading.values import Place
from importers.deployment.authentication import asks_for_credentials, open_to_all
from importers.deployment.images import image
from importers.deployment.models import identifier, models_of
from importers.deployment.outside import Outside
from importers.deployment.providers import Provider, provider_of
from importers.deployment.references import Named, group, key_words, named
from importers.deployment.variables import variable
from importers.deployment.workload import Setting, Workload
from importers.elements import Found, Ground, Link, Measure, Part, Sign, call
from importers.provenance import Reader
from importers.secrets import SecretValue, has_secret_shape, is_secret_name, value_kind

_PASSWORD = re.compile(r"://[^\s/@:]{0,200}:\$\{?([A-Za-z_]\w*)")
SHARED = 3
"""From so many workloads on, a setting that they all have alike says little of any one of them."""


@dataclass
class _Flow:
    place: Place
    scheme: str
    credentials: bool
    shared: bool
    secrets: dict[str, None] = field(default_factory=dict)


@dataclass
class Stack:
    """The workloads of a file; ``finish`` adds what they are and what they have to do with each other."""

    found: Found
    reader: Reader
    secret_boundary: str = ""
    workloads: list[Workload] = field(default_factory=list)
    _keys: dict[tuple[str, str], str] = field(default_factory=dict)
    _images: set[str] = field(default_factory=set)
    _secrets: set[str] = field(default_factory=set)
    _models: set[str] = field(default_factory=set)
    pairs: set[tuple[str, str]] = field(default_factory=set)
    more_images: list[tuple[str, str, Place]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.outside = Outside(self.found)
        self.guarded: set[str] = set()
        self.unguarded: set[str] = set()

    def add(self, workload: Workload) -> None:
        """Take in a workload; the first that has a host name is the one that is called by it."""
        self.workloads.append(workload)
        for host in workload.hosts:
            self._keys.setdefault((workload.scope, host.lower()), workload.key)

    def alias(self, scope: str, host: str, key: str) -> None:
        """Another name by which something is called."""
        self._keys.setdefault((scope, host.lower()), key)

    def called(self, scope: str, host: str) -> str:
        """The key of what a host name stands for; empty where nothing here has it."""
        return self._keys.get((scope, host)) or self._keys.get(("", host), "")

    def finish(self) -> None:
        """Add parts, packages, secrets, models and flows of all workloads, in the order of the file."""
        alike = Counter((one.key, one.value) for each in self.workloads for one in each.settings if not one.option)
        self.guarded = {one.key for one in self.workloads if asks_for_credentials(one)}
        self.unguarded = {one.key for one in self.workloads if open_to_all(one)}
        for one in self.workloads:
            self._part(one)
        owned = self._own_passwords()
        for one in self.workloads:
            self._image(one.key, one.image, one.image_place or one.place)
            self._named_models(one)
            self._settings(one, alike, owned)
        for key, reference, place in self.more_images:
            self._image(key, reference, place)

    # ------------------------------------------------------------ what it is made of
    def _part(self, one: Workload) -> None:
        known = image(one.image) if one.image else None
        signs = (Sign("image", known.name),) if known else ()
        said = "; ".join(text for text in (one.note, self._said(one)) if text)
        self.found.parts.append(
            Part(
                one.key,
                one.name,
                one.place,
                one.kind,
                (*signs, *one.signs),
                one.type,
                boundary=one.boundary,
                identifiers=one.identifiers,
                tags=one.tags,
                note=said,
            )
        )
        if one.host:
            self.found.links.append(Link(one.key, "runsIn", one.host, one.place, "runs in"))

    def _said(self, one: Workload) -> str:
        return "its settings switch authentication off" if one.key in self.unguarded else ""

    def _image(self, user: str, reference: str, place: Place) -> None:
        if not reference:
            return
        known = image(reference)
        if known is None:
            self.found.omit("image", place, "its name is a variable")
            return
        key = f"image {known.registry}/{known.name}@{known.digest if known.pinned else ''}"
        if key not in self._images:
            self._images.add(key)
            tag = known.tag if known.tag and not known.tag.startswith("$") else "latest or a variable"
            note = "pinned by digest" if known.pinned else f"not pinned: a tag ({tag}) can be moved"
            self.found.parts.append(
                Part(
                    key,
                    f"Image {known.name}",
                    place,
                    "image",
                    type="SoftwarePackage",
                    identifiers=(known.purl,) if known.purl else (),
                    note=note,
                )
            )
            if known.pinned:
                name = f"Image {known.name} by digest"
                self.found.measures.append(
                    Measure(f"pin {key}", name, place, "pinned image", "dependency-pinning", (key,))
                )
        self.found.links.append(Link(user, "usesPackage", key, place, "uses image"))

    def _named_models(self, one: Workload) -> None:
        for place, name, own in models_of(one):
            key = f"model {name.lower()}"
            if key not in self._models:
                self._models.add(key)
                self.found.parts.append(
                    Part(
                        key,
                        name,
                        place,
                        "model",
                        (Sign("model", name.lower()),),
                        identifiers=identifier(name, one.image),
                        fallback="Model",
                    )
                )
            relation = "servesModel" if own else "usesModel"
            self.found.links.append(Link(one.key, relation, key, place, "model", Ground.REFERENCE))

    # ------------------------------------------------------------ settings
    def _own_passwords(self) -> dict[str, str]:
        """Variables with which a workload is told its own password, and the workload."""
        owned: dict[str, str] = {}
        for one in self.workloads:
            if one.key in self.guarded:
                for setting in one.settings:
                    name = variable(setting.value or "") or (setting.key if setting.value is None else "")
                    if name and is_secret_name(setting.key):
                        owned.setdefault(name, one.key)
        return owned

    def _settings(self, one: Workload, alike: Counter[tuple[str, str | None]], owned: dict[str, str]) -> None:
        flows: dict[str, _Flow] = {}
        groups: dict[tuple[str, ...], str] = {}
        secrets: list[Setting] = []
        for setting in one.settings:
            shared = not setting.option and alike[setting.key, setting.value] >= SHARED
            for at in named(setting.key, setting.value or ""):
                target = self._target(one, setting, at)
                if not target:
                    continue
                flow = flows.setdefault(target, _Flow(setting.place, at.scheme, at.credentials, shared))
                flow.scheme = flow.scheme or at.scheme
                flow.credentials |= at.credentials
                flow.shared &= shared
                groups.setdefault(group(setting.key), target)
                inside = _PASSWORD.search(setting.value or "") if at.credentials else None
                if inside:
                    own = self.secret(inside[1], setting.place, SecretValue.VARIABLE, inside[1])
                    self.found.links.append(Link(one.key, "usesSecret", own, setting.place, "uses secret"))
                    self.found.links.append(Link(own, "unlocks", target, setting.place, "unlocks", Ground.REFERENCE))
            if self._is_secret(setting):
                secrets.append(setting)
        for setting in secrets:
            self._secret(one, setting, flows, groups, owned)
        for target, flow in flows.items():
            self.link(one.key, target, flow.place, flow)

    def _is_secret(self, setting: Setting) -> bool:
        value = setting.value
        if value and has_secret_shape(value):
            return True
        if not setting.key or not is_secret_name(setting.key) or key_words(setting.key)[-1:] == ["file"]:
            return False
        return not (setting.option and not value) and (value or "").lower() not in ("true", "false", "none", "0", "1")

    def _target(self, one: Workload, setting: Setting, at: Named) -> str:
        """The key of what a setting names: a workload here, or a part for what is elsewhere; empty for nothing."""
        target = self.called(one.scope, at.host)
        if target or not at.scheme:
            return target if target != one.key else ""
        where = address(f"{at.scheme}://{at.host}")
        if where is None or where.local or (setting.option and not setting.key):
            return ""
        return self.outside.part(setting, at)

    def link(self, origin: str, target: str, place: Place, flow: _Flow | None = None) -> None:
        """A call from one to the other, with what is known of it."""
        self.pairs.add((origin, target))
        where = address(f"{flow.scheme}://x") if flow and flow.scheme else None
        authenticated = self.asks(target)
        if authenticated is None and flow and flow.credentials:
            authenticated = True
        shared = flow is not None and flow.shared
        self.found.links.append(
            call(
                origin,
                "sendsTo",
                target,
                place,
                "reference",
                Ground.GUESS if shared else Ground.REFERENCE,
                authenticated=authenticated,
                encrypted=where.encrypted if where else None,
                note=f"from settings that {SHARED} or more services have alike" if shared else "",
            )
        )

    def asks(self, key: str) -> bool | None:
        """Whether a workload's own settings make it ask for credentials; None where they say nothing."""
        return True if key in self.guarded else False if key in self.unguarded else None

    def _secret(
        self,
        one: Workload,
        setting: Setting,
        flows: dict[str, _Flow],
        groups: dict[tuple[str, ...], str],
        owned: dict[str, str],
    ) -> None:
        said = value_kind(setting.value)
        if setting.value is None or (said is SecretValue.LITERAL and variable(setting.value)):
            said = SecretValue.VARIABLE
        name = variable(setting.value or "") or ("" if setting.value else setting.key)
        provider = provider_of(setting.key)
        if said is SecretValue.ABSENT and not setting.option:
            self.found.omit("secret", setting.place, "it is empty")
            return
        label = setting.key or "credential in the command"
        key = self.secret(name or f"{label} of {one.name}", setting.place, said, name)
        self.found.links.append(Link(one.key, "usesSecret", key, setting.place, "uses secret"))
        opens = owned.get(name) or groups.get(group(setting.key), "")
        if one.key in self.guarded and not opens and provider is None:
            opens = one.key if group(setting.key) and not flows else ""
        if not opens and has_secret_shape(setting.value or ""):
            opens = next((self.called(one.scope, at.host) for at in named(setting.key, setting.value or "")), "")
        if provider and not opens and not self._redirected(one, provider):
            opens = self.calls_provider(one.key, provider, setting.place)
        if opens and opens != key:
            self.found.links.append(Link(key, "unlocks", opens, setting.place, "unlocks", Ground.REFERENCE))

    def calls_provider(self, key: str, provider: Provider, place: Place) -> str:
        """The key of a provider whose credential a workload holds, with the call to it."""
        target = self.outside.provider(provider, place)
        if (key, target) not in self.pairs:
            self.pairs.add((key, target))
            self.found.links.append(replace(_CALL, origin=key, target=target, place=place, opened_by=key))
        return target

    def _redirected(self, one: Workload, provider: Provider) -> bool:
        """Whether an address beside the key leads to a service here: then the key is for that one."""
        for setting in one.settings:
            if provider.id in key_words(setting.key):
                for at in named(setting.key, setting.value or ""):
                    here = address(f"http://{at.host}")
                    if self.called(one.scope, at.host) or (here is not None and here.local):
                        return True
        return False

    def secret(self, name: str, place: Place, said: SecretValue | str, shared: str = "") -> str:
        """The key of a secret, which becomes a part when it is first seen; its value is never kept."""
        key = f"secret {name}"
        if key not in self._secrets:
            self._secrets.add(key)
            text = f"the value {said}"
            if said in (SecretValue.DEFAULT, SecretValue.LITERAL):
                text += ", where everybody who has the file can read it"
            label = shared or name
            self.found.parts.append(
                Part(key, label, place, "secret", type="Secret", boundary=self.secret_boundary, note=text)
            )
        return key


_CALL = Link(
    "",
    "sendsTo",
    "",
    (),
    "provider",
    Ground.REFERENCE,
    flow=True,
    two_way=True,
    authenticated=True,
    encrypted=True,
    note="it holds a credential of this provider",
)
