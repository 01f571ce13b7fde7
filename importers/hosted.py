"""Models that only their maker runs, such as gpt-4o: who uses one asks its maker, and has no file of it.

A file that names such a model and nobody who serves it gets the endpoint that it leaves out. Otherwise its user would
count as one that loads the weights.
"""

from __future__ import annotations

import re
from dataclasses import replace

from graphmodel.knowledge.vocabulary import Catalogue
from graphmodel.model.system import Asset, Dependency, Flow, Provenance, System, Zone
from importers.deployment.providers import PROVIDERS, Provider
from importers.elements import SURENESS, Ground
from importers.ids import slug
from importers.provenance import Reader

_OPENAI = (
    r"chatgpt|gpt-?(?:3\.5|35|4|5)|o[134](?:$|-(?:mini|pro|preview|deep|\d))|text-embedding-(?:ada|3)|"
    r"text-davinci|dall-e|gpt-(?:image|audio|realtime)|whisper-1$|tts-1|omni-moderation"
)
_CLOSED: tuple[tuple[str, str], ...] = (
    ("openai", _OPENAI),
    ("anthropic", r"claude"),
    ("gemini", r"gemini|text-embedding-00\d|textembedding-gecko|imagen-"),
    ("xai", r"grok-(?:[2-9]|code|beta)"),
    ("perplexity", r"sonar(?:$|-)"),
    ("voyage", r"voyage-"),
    ("mistral", r"mistral-(?:tiny|small|medium|large)-latest|mistral-embed"),
    ("deepseek", r"deepseek-(?:chat|reasoner)$"),
    ("bedrock", r"nova-(?:micro|lite|pro|premier)|titan-(?:text|embed|tg1)"),
)
"""Names of models whose weights their makers do not publish, or that only their own API has; a judgement."""

_MAKER = [(id_, re.compile(f"(?:{words})", re.IGNORECASE)) for id_, words in _CLOSED]
_AWS = Provider("bedrock", "Amazon Bedrock", "")
_REGION = re.compile(r"^(?:(?:us|eu|apac|global|us-gov)\.)?(?:amazon|anthropic)\.", re.IGNORECASE)
_RESELLERS = ("azure", "openrouter", "bedrock", "vertex_ai")
_NOTE = "only its maker runs this model, so whoever uses it asks there"


def maker_of(model: str) -> Provider | None:
    """Who alone runs a model of this name, or sells it by this prefix (``azure/gpt-4o``); None where its weights can
    be had, or nobody knows."""
    *before, name = model.strip()[:200].split("/")
    on_aws = _REGION.match(name)
    bare = name[on_aws.end() :] if on_aws else name
    found = next((id_ for id_, words in _MAKER if words.match(bare)), "")
    if not found:
        return None
    if on_aws or found == "bedrock" or "bedrock" in before:
        return _AWS
    sold = next((one for one in _RESELLERS if one in before and one in PROVIDERS), found)
    return PROVIDERS[sold]


def with_hosts(system: System, reader: Reader, catalogue: Catalogue) -> System:
    """The system, in which each model that only its maker runs is served where it is used: by the endpoint that its
    user calls already, where there is just one, or else by its maker's, which is added as a reference, and which the
    gateway calls where its user calls just one of these."""
    models = {one.id: maker for one in system.assets if (maker := maker_of(_said(one))) is not None}
    served = {one.target for one in system.dependencies if one.relation == "servesModel"}
    uses = [one for one in system.dependencies if one.relation == "usesModel" and one.target in models]
    uses = [one for one in uses if one.target not in served and not _loads(system, catalogue, one.origin)]
    if not uses:
        return system
    return _Adding(system, reader, catalogue).served(uses, models)


def _said(one: Asset) -> str:
    known = next((name for name in one.identifiers if name.startswith("model:")), "")
    return known.removeprefix("model:") or one.name


def _loads(system: System, catalogue: Catalogue, user: str) -> bool:
    """Whether it is an endpoint or a pipeline, which is said to have the file itself."""
    type_ = system.asset_by_id[user].type
    return catalogue.is_a(type_, "InferenceEndpoint") or catalogue.is_a(type_, "SourceCode")


class _Adding:
    def __init__(self, system: System, reader: Reader, catalogue: Catalogue) -> None:
        self.system, self.reader, self.catalogue = system, reader, catalogue
        self.assets = list(system.assets)
        self.zones = list(system.zones)
        self.flows = list(system.flows)
        self.dependencies = list(system.dependencies)
        self.made: dict[str, str] = {}  # endpoints, by host or name

    def served(self, uses: list[Dependency], models: dict[str, Provider]) -> System:
        called, through = self.calls("LanguageModelEndpoint"), self.calls("ApiGateway")
        serving: set[tuple[str, str]] = set()
        for one in uses:
            gateways = [] if called.get(one.origin) else through.get(one.origin, [])
            caller = gateways[0] if len(gateways) == 1 else one.origin
            own = called.get(caller, [])
            source = replace(one.source, ground=str(Ground.REFERENCE), note=_NOTE) if one.source else None
            source = source or self.reader.source((), SURENESS[Ground.REFERENCE], _NOTE, str(Ground.REFERENCE))
            endpoint = own[0] if len(own) == 1 else self.endpoint(models[one.target], source)
            if endpoint not in own:
                called.setdefault(caller, []).append(endpoint)
                id_ = self.new(f"{caller}-asks-{endpoint}")
                self.flows.append(
                    Flow(id_, caller, endpoint, name="asks the model", two_way=True, opened_by=caller, source=source)
                )
            if (endpoint, one.target) not in serving:
                serving.add((endpoint, one.target))
                self.dependencies.append(Dependency(endpoint, "servesModel", one.target, source))
        return replace(
            self.system,
            assets=tuple(self.assets),
            zones=tuple(self.zones),
            flows=tuple(self.flows),
            dependencies=tuple(self.dependencies),
        )

    def calls(self, type_: str) -> dict[str, list[str]]:
        """Whom each part calls that is of a type."""
        wanted = {one.id for one in self.assets if self.catalogue.is_a(one.type, type_)}
        found: dict[str, list[str]] = {}
        for flow in self.system.flows:
            if flow.target in wanted and flow.target not in found.setdefault(flow.origin, []):
                found[flow.origin].append(flow.target)
        return found

    def endpoint(self, maker: Provider, source: Provenance) -> str:
        """The maker's endpoint, which is in the file already, or is added."""
        known = f"dns:{maker.host}"
        if maker.id not in self.made:
            there = next((one.id for one in self.assets if self.is_of(one, maker)), "")
            if not there:
                there = self.new(slug(maker.name, "endpoint"))
                names = (known,) if maker.host else ()
                self.assets.append(
                    Asset(there, maker.name, "LanguageModelEndpoint", self.zone(source), source=source,
                          identifiers=names)
                )  # fmt: skip
            self.made[maker.id] = there
        return self.made[maker.id]

    def is_of(self, one: Asset, maker: Provider) -> bool:
        if maker.host and f"dns:{maker.host}" in one.identifiers:
            return True
        return one.name == maker.name and self.catalogue.is_a(one.type, "LanguageModelEndpoint")

    def zone(self, source: Provenance) -> str:
        there = next((one.id for one in self.zones if one.trust == 0 and one.name == "Internet"), "")
        if not there:
            there = self.new("internet")
            self.zones.append(Zone(there, "Internet", 0, source=source))
        return there

    def new(self, wanted: str) -> str:
        id_ = self.reader.free(wanted, self.reader.taken)
        self.reader.taken[id_] = "asset"
        return id_
