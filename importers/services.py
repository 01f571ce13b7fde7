"""What AI systems call by name or address: model providers, hosts, secrets and the open web, each once in a file."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass, field

from graphmodel.knowledge.vocabulary import ActorKind, Capability
from graphmodel.reading.addresses import Address, address
from graphmodel.reading.values import Place
from importers.elements import Attacker, Boundary, Found, Ground, Link, Part, Sign, call
from importers.hosted import maker_of
from importers.secrets import SecretValue

_PROVIDERS: tuple[tuple[str, str, str], ...] = (
    ("compatible", "compatible", "OpenAI-compatible endpoint"),
    ("openailike", "compatible", "OpenAI-compatible endpoint"),
    ("azureopenai", "azure", "Azure OpenAI"),
    ("azureai", "azure", "Azure AI"),
    ("azure", "azure", "Azure OpenAI"),
    ("openrouter", "openrouter", "OpenRouter"),
    ("lmstudio", "lmstudio", "LM Studio"),
    ("localai", "localai", "LocalAI"),
    ("ollama", "ollama", "Ollama"),
    ("vllm", "vllm", "vLLM"),
    ("xinference", "xinference", "Xinference"),
    ("llamacpp", "llamacpp", "llama.cpp"),
    ("bedrock", "bedrock", "Amazon Bedrock"),
    ("sagemaker", "sagemaker", "Amazon SageMaker"),
    ("vertexai", "vertex_ai", "Google Vertex AI"),
    ("vertex", "vertex_ai", "Google Vertex AI"),
    ("gemini", "google", "Google Gemini"),
    ("googlepalm", "google", "Google Gemini"),
    ("googlegenerative", "google", "Google Gemini"),
    ("anthropic", "anthropic", "Anthropic"),
    ("claude", "anthropic", "Anthropic"),
    ("mistral", "mistral", "Mistral"),
    ("cohere", "cohere", "Cohere"),
    ("groq", "groq", "Groq"),
    ("deepseek", "deepseek", "DeepSeek"),
    ("huggingface", "huggingface", "Hugging Face"),
    ("perplexity", "perplexity", "Perplexity"),
    ("togetherai", "together", "Together AI"),
    ("fireworks", "fireworks", "Fireworks AI"),
    ("nvidia", "nvidia", "NVIDIA"),
    ("watsonx", "watsonx", "IBM watsonx"),
    ("replicate", "replicate", "Replicate"),
    ("voyage", "voyage", "Voyage AI"),
    ("jina", "jina", "Jina AI"),
    ("siliconflow", "siliconflow", "SiliconFlow"),
    ("moonshot", "moonshot", "Moonshot AI"),
    ("tongyi", "dashscope", "Alibaba Tongyi"),
    ("dashscope", "dashscope", "Alibaba Tongyi"),
    ("zhipu", "zhipuai", "Zhipu AI"),
    ("minimax", "minimax", "MiniMax"),
    ("cerebras", "cerebras", "Cerebras"),
    ("xai", "xai", "xAI"),
    ("grok", "xai", "xAI"),
    ("openai", "openai", "OpenAI"),
    ("google", "google", "Google Gemini"),
)
OWN = frozenset({"compatible", "ollama", "vllm", "localai", "lmstudio", "xinference", "llamacpp"})
"""Providers whose software one runs oneself."""

_SPECIAL = (".local", ".internal", ".lan", ".svc", ".localdomain", ".home", ".corp", ".test")
_VARIABLE = re.compile(r"\{|^[=$]\w*\.|<|\$env")
_LONGEST_NAME = 253  # of a host, by the rules of DNS
_WEB = "open web"


def provider_of(text: str) -> tuple[str, str] | None:
    """The model provider that a name speaks of, as a short id and as people call it; None where it is none known."""
    said = re.sub(r"[^a-z0-9]+", "", text.casefold()[:200])
    return next(((id_, label) for word, id_, label in _PROVIDERS if word in said), None)


def provider_of_model(name: str) -> str:
    """Who answers for a model that is named as frameworks do, ``provider/model`` or ``provider:model``; of a bare name
    the maker, where only the maker runs it. Empty where nobody is said."""
    before, slash, _ = name.rpartition("/") if "/" in name else name.rpartition(":")
    if slash and provider_of(before) is not None:
        return before
    maker = maker_of(name)
    return maker.id if maker is not None else before


def where(url: str) -> Address | None:
    """What a written address names; None where it is a variable or an expression."""
    text = url.strip()
    if text.startswith("=") and "://" not in text:
        return None
    text = text.removeprefix("=")
    if not text or _VARIABLE.search(text.split("://", 1)[-1].split("/", 1)[0]):
        return None
    found = address(text)
    return found if found and len(found.host) <= _LONGEST_NAME else None


def outside(place: Address) -> bool:
    """Whether an address is one of the internet: a public address, or a name with a dot that is not for inner use."""
    if place.local:
        return False
    try:
        return ipaddress.ip_address(place.host).is_global
    except ValueError:
        return "." in place.host and not place.host.endswith(_SPECIAL)


@dataclass
class Services:
    """Adds what a file calls to what is found in it; the same one named twice is one part."""

    found: Found
    _seen: set[str] = field(default_factory=set)

    def add(self, part: Part, again: bool = False) -> str:
        """Add a part if its key is new, or ``again`` so that it counts as joined; the key."""
        if again or part.key not in self._seen:
            self._seen.add(part.key)
            self.found.parts.append(part)
        return part.key

    def internet(self, place: Place) -> str:
        """The zone of what lies on the internet."""
        return self._zone("zone internet", "Internet", place, 0)

    def _zone(self, key: str, name: str, place: Place, trust: int | None) -> str:
        if key not in self._seen:
            self._seen.add(key)
            self.found.boundaries.append(Boundary(key, name, place, "zone", trust, ground=Ground.REFERENCE))
        return key

    def endpoint(
        self,
        place: Place,
        said: str,
        url: str = "",
        embedding: bool = False,
        node: str = "",
        counted: str = "model endpoint",
    ) -> str:
        """The endpoint of a provider, or of an address; ``said`` is the file's word for it, ``node`` its node type.

        ``counted`` is the kind of element as which it is accounted for, also where it is there already.
        """
        known, at = provider_of(said), where(url)
        kind = "embedding endpoint" if embedding else "language model endpoint"
        id_, label = known or (said, said or "Model endpoint")
        if at is not None:
            host = at.host
            own = f"{label} at {host}" if known else host
            zone = self.internet(place) if outside(at) else ""
            dns = () if at.local else (f"dns:{host}",)
            key = f"endpoint {host}" + (f" {at.port}" if at.port else "")
        else:
            key, own, dns = f"endpoint {kind} {id_}", label + (" embeddings" if embedding else ""), ()
            zone = "" if not known or id_ in OWN else self._zone(f"zone {id_}", f"{label} (provider)", place, None)
        signs = [Sign("kind", kind)]
        if node:
            signs.insert(0, Sign("node", node))
        if known and not embedding and id_ != "compatible":
            signs.append(Sign("provider", id_))
        part = Part(
            key, own[:200], place, counted, tuple(signs), ground=Ground.REFERENCE, boundary=zone, identifiers=dns
        )
        return self.add(part, counted != "model endpoint")

    def model(self, place: Place, said: str, name: str, endpoint: str, embedding: bool = False) -> str:
        """The model that an endpoint answers with; empty where the file does not name it."""
        name = name.strip().removeprefix("models/")[:200]
        if not name or _VARIABLE.search(name):
            return ""
        known = provider_of(said)
        prefix = known[0] if known and known[0] != "compatible" else ""
        full = f"{prefix}/{name}" if prefix else name
        key = f"model {full}"
        new = key not in self._seen
        self.add(
            Part(
                key,
                name[:200],
                place,
                "model",
                (Sign("model", full),),
                "Model" if embedding else "LanguageModel",
                ground=Ground.REFERENCE,
                identifiers=(f"model:{full}",),
            )
        )
        link = f"{endpoint} serves {key}"
        if new or link not in self._seen:
            self._seen.add(link)
            self.found.links.append(Link(endpoint, "servesModel", key, place, "model", Ground.REFERENCE))
        return key

    def call(
        self,
        caller: str,
        called: str,
        place: Place,
        kind: str,
        url: str = "",
        ground: Ground = Ground.DECLARED,
        authenticated: bool | None = None,
    ) -> None:
        """A call that the caller opens, with an answer."""
        at = where(url)
        encrypted = at.encrypted if at else None
        self.found.links.append(
            call(caller, "sendsTo", called, place, kind, ground, authenticated=authenticated, encrypted=encrypted)
        )

    def host(self, url: str, place: Place, kind: str = "web service", counted: str = "") -> str:
        """The service behind an address; empty where the address is a variable, or the machine itself."""
        at = where(url)
        if at is None or at.local:
            return ""
        zone = self.internet(place) if outside(at) else ""
        signs = (Sign("host", at.host), Sign("scheme", at.scheme), Sign("kind", kind))
        part = Part(
            f"host {at.host}",
            at.host[:200],
            place,
            counted or kind,
            signs,
            ground=Ground.REFERENCE,
            boundary=zone,
            identifiers=(f"dns:{at.host}",),
        )
        return self.add(part, bool(counted))

    def web(self, place: Place) -> str:
        """What strangers publish on the web, and they themselves."""
        if _WEB not in self._seen:
            zone = self.internet(place)
            self.add(
                Part(_WEB, "Web pages", place, "web content", type="DataSource", ground=Ground.REFERENCE, boundary=zone)
            )
            self.found.attackers.append(
                Attacker(
                    "web author",
                    "Author of web pages",
                    place,
                    "web content",
                    ActorKind.OUTSIDER,
                    boundary=zone,
                    starts=((_WEB, Capability.REACH),),
                    ground=Ground.REFERENCE,
                    note="anybody can publish what is searched and read here",
                )
            )
        return _WEB

    def secret(
        self,
        place: Place,
        name: str,
        holder: str,
        unlocks: str = "",
        value: SecretValue | None = None,
        note: str = "",
        spot: str = "",
    ) -> str:
        """A secret by its name, who holds it, and what it opens; ``spot`` tells secrets of one name apart."""
        key = f"secret {spot or name}"
        said = note or (f"the value {value}" if value is not None else "")
        self.add(Part(key, name[:200] or "credential", place, "secret", type="Secret", note=said))
        for link in (f"{holder} holds {key}", f"{key} unlocks {unlocks}"):
            if link in self._seen or link.endswith(" unlocks "):
                continue
            self._seen.add(link)
            if link.startswith(key):
                self.found.links.append(Link(key, "unlocks", unlocks, place, "secret", Ground.REFERENCE))
            elif holder:
                self.found.links.append(Link(holder, "usesSecret", key, place, "secret"))
        return key
