"""Configurations of the LiteLLM proxy: endpoints behind it, keys by name, limits, guardrails, and who gets the logs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from graphmodel.model.accounts import Question
from graphmodel.reading.addresses import address
from graphmodel.reading.values import Place
from importers.deployment.outside import Outside
from importers.deployment.providers import PROVIDERS
from importers.elements import Found, Link, Measure, Part, Sign
from importers.importer import two_stage
from importers.provenance import Reader
from importers.secrets import value_kind
from importers.source import Source

ID = "litellm"
PROXY, LOGS = "proxy", "logs"
NO_LIMIT = 1_000_000
"""From so many dollars or calls on a limit limits nothing."""
_HERE = frozenset({"prometheus", "dynamic_rate_limiter", "prometheus_system", "cache", "max_budget_limiter"})


def sniff(source: Source) -> bool:
    """Whether a file lists models as the proxy does."""
    value = source.value
    if not isinstance(value, dict) or "kind" in value:
        return False
    listed = value.get("model_list")
    entry = listed[0] if isinstance(listed, list) and listed else None
    return ("model_list" in value and (listed is None or (isinstance(entry, dict) and "litellm_params" in entry))) or (
        "litellm_settings" in value
    )


def gather(source: Source) -> tuple[Found, Reader]:
    """The proxy, what is behind it, and what stands before it."""
    reader = Reader(source.text, importer=ID)
    value = reader.mapping(source.text.value, ())
    return _Config(Found("LiteLLM proxy"), reader, value).gather()


class _Config:
    def __init__(self, found: Found, reader: Reader, value: Mapping[str, Any]) -> None:
        self.found, self.reader, self.value = found, reader, value
        self.outside = Outside(found)
        self.endpoints: dict[str, str] = {}
        self.secrets: set[str] = set()
        self.limited: dict[str, Place] = {}

    def gather(self) -> tuple[Found, Reader]:
        general = self.reader.mapping(self.value.get("general_settings"), ("general_settings",))
        settings = self.reader.mapping(self.value.get("litellm_settings"), ("litellm_settings",))
        open_ = "master_key" not in general
        note = "no master key stands in this file: without one it answers whoever comes to it" if open_ else ""
        self.found.parts.append(Part(PROXY, "LiteLLM proxy", (), "proxy", type="ApiGateway", note=note))
        for place, entry in self.reader.entries(self.value.get("model_list"), ("model_list",)):
            self._deployment(place, entry)
        for name, place in self.limited.items():
            key = self.endpoints[name]
            self._control(f"Limit of calls to {name}", place, "limit", "rate-limiting", (key,))
        self._general(general)
        self._settings(settings)
        for place, entry in self.reader.entries(self.value.get("guardrails"), ("guardrails",)):
            self._guardrail(place, entry)
        for place, entry in self.reader.entries(self.value.get("mcp_servers"), ("mcp_servers",)):
            self._mcp(place, entry)
        known = ("model_list", "general_settings", "litellm_settings", "guardrails", "mcp_servers")
        self.reader.unread(self.value, known, (), "the file")
        if open_:
            self.found.questions.append(Question(PROXY, "Who may call the proxy, and is a master key set elsewhere?"))
        return self.found, self.reader

    def _deployment(self, place: Place, entry: Mapping[str, Any]) -> None:
        said = self.reader.mapping(entry.get("litellm_params"), (*place, "litellm_params"))
        where = (*place, "litellm_params", "model")
        name = self.reader.name(said.get("model"), where)
        if not name:
            self.found.omit("deployment", place, "it names no model")
            return
        provider, slash, model = name.partition("/")
        if not slash:
            provider, model = self.reader.word(said.get("custom_llm_provider"), place, "openai"), name
        base = address(self.reader.word(said.get("api_base"), (*place, "litellm_params", "api_base")))
        host = base.host if base and "os.environ" not in str(said.get("api_base")) else ""
        key = self._endpoint(provider.lower(), host,
                             base.encrypted if base else None, bool(base and base.local), where,
                             "api_key" in said or "aws_role_name" in said)  # fmt: skip
        if "*" in model or not model:
            self.found.omit("deployment", where, "it stands for all models of the provider")
        else:
            own = f"model {model.lower()}"
            sign = (Sign("model", model.lower()),)
            identifiers = (f"model:{provider.lower()}/{model}"[:200],)
            self.found.parts.append(
                Part(own, model, where, "deployment", sign, identifiers=identifiers, fallback="LanguageModel")
            )
            self.found.links.append(Link(key, "servesModel", own, where, "serves model"))
        for field in ("api_key", "aws_secret_access_key", "azure_ad_token", "vertex_credentials"):
            if said.get(field):
                self._secret(field, said[field], (*place, "litellm_params", field), key, f"of {model}")
        if any(isinstance(said.get(one), int) and 0 < said[one] < NO_LIMIT for one in ("rpm", "tpm")):
            self.limited.setdefault(next(one for one, at in self.endpoints.items() if at == key), place)

    def _endpoint(
        self, provider: str, host: str, encrypted: bool | None, local: bool, place: Place, authenticated: bool
    ) -> str:
        known = PROVIDERS.get(provider)
        host = host or (known.host if known else "")
        name = host if host and (known is None or host != known.host) else known.name if known else provider
        key = f"host {host}" if host else f"provider {provider}"
        if name in self.endpoints:
            return self.endpoints[name]
        self.endpoints[name] = key
        away = not local and ("." in host or not host)
        zone = self.outside.internet(place) if away else ""
        signs = (Sign("provider", provider), *((Sign("host", host),) if host else ()))
        identifiers = (f"dns:{host}",) if host and not local else ()
        self.found.parts.append(
            Part(key, name, place, "endpoint", signs, boundary=zone, identifiers=identifiers,
                 fallback="LanguageModelEndpoint")
        )  # fmt: skip
        encrypted = True if encrypted is None and known is not None else encrypted
        self._call(key, place, "endpoint", encrypted, True if authenticated else None)
        return key

    def _call(self, key: str, place: Place, kind: str, encrypted: bool | None = None,
              authenticated: bool | None = None, carries: tuple[str, ...] = (), back: bool = True) -> None:  # fmt: skip
        self.found.links.append(
            Link(PROXY, "sendsTo", key, place, kind, flow=True, two_way=back, opened_by=PROXY, encrypted=encrypted,
                 authenticated=authenticated, carries=carries)
        )  # fmt: skip

    def _secret(self, field: str, value: object, place: Place, opens: str, of: str = "") -> None:
        text = str(value)
        variable = text.removeprefix("os.environ/") if text.startswith("os.environ/") else ""
        name = variable[:100] or f"{field} {of}".strip()
        key = f"secret {name}"
        if key not in self.secrets:
            self.secrets.add(key)
            self.found.parts.append(
                Part(key, name, place, "secret", type="Secret", note=f"the value {value_kind(text)}")
            )
        self.found.links.append(Link(PROXY, "usesSecret", key, place, "uses secret"))
        self.found.links.append(Link(key, "unlocks", opens, place, "unlocks"))

    def _general(self, general: Mapping[str, Any]) -> None:
        place: Place = ("general_settings",)
        if general.get("master_key"):
            self._secret("master_key", general["master_key"], (*place, "master_key"), PROXY)
        url = general.get("database_url")
        if url:
            where = address(str(url)) if "os.environ" not in str(url) else None
            identifiers = (f"dns:{where.host}",) if where and not where.local else ()
            self.found.parts.append(
                Part("database", "Database of the proxy", (*place, "database_url"), "database", type="Database",
                     identifiers=identifiers)
            )  # fmt: skip
            self._call("database", (*place, "database_url"), "database")
            self._secret("database_url", url, (*place, "database_url"), "database")

    def _settings(self, settings: Mapping[str, Any]) -> None:
        place: Place = ("litellm_settings",)
        if settings.get("cache") is True:
            said = self.reader.mapping(settings.get("cache_params"), (*place, "cache_params"))
            type_ = self.reader.name(said.get("type"), (*place, "cache_params", "type"), "memory")
            where = (*place, "cache")
            self.found.parts.append(Part("cache", f"Cache of answers ({type_})", where, "cache", type="Cache"))
            self._call("cache", where, "cache")
            if said.get("password"):
                self._secret("cache password", said["password"], (*place, "cache_params", "password"), "cache")
        budget = settings.get("max_budget")
        if isinstance(budget, int | float) and not isinstance(budget, bool):
            if 0 < budget < NO_LIMIT:
                keys = tuple(self.endpoints.values())
                self._control("Budget of the proxy", (*place, "max_budget"), "budget", "resource-limits", keys)
            else:
                self.found.omit("budget", (*place, "max_budget"), "it is so high that it limits nothing")
        for field in ("success_callback", "callbacks", "failure_callback", "service_callback"):
            for number, one in enumerate(self.reader.words(settings.get(field), (*place, field))):
                self._callback(one, (*place, field, number))

    def _callback(self, name: str, place: Place) -> None:
        if name in _HERE or "." in name:
            self.found.omit("callback", place, "it is code of the proxy, or only counts")
            return
        if not any(one.key == LOGS for one in self.found.parts[-50:]) and LOGS not in self.secrets:
            self.secrets.add(LOGS)
            self.found.parts.append(Part(LOGS, "Prompts and answers in logs", place, "log", type="TelemetryLog"))
        key = f"callback {name}"
        kind = "DataStore" if name in ("s3", "gcs_bucket", "azure_storage", "dynamodb") else "Application"
        self.found.parts.append(
            Part(key, f"Logs at {name}", place, "callback", type=kind, boundary=self.outside.internet(place),
                 note="prompts and answers go there; whether it is run by a third party is not said")
        )  # fmt: skip
        self._call(key, place, "logs", carries=(LOGS,), back=False)

    def _guardrail(self, place: Place, entry: Mapping[str, Any]) -> None:
        name = self.reader.name(entry.get("guardrail_name"), (*place, "guardrail_name"), "guardrail")
        said = self.reader.mapping(entry.get("litellm_params"), (*place, "litellm_params"))
        modes = self.reader.words(said.get("mode"), (*place, "litellm_params", "mode"))
        key = f"guardrail {name}"
        product = self.reader.name(said.get("guardrail"), (*place, "litellm_params", "guardrail"))
        self.found.parts.append(Part(key, name, place, "guardrail", type="Guardrail", description=product))
        self._call(key, place, "guardrail")
        endpoints = tuple(self.endpoints.values())
        always = said.get("default_on") is True
        for mode in modes:
            where = (*place, "litellm_params", "mode")
            control = {"pre_call": "input-guardrail", "during_call": "input-guardrail",
                       "post_call": "output-guardrail"}.get(mode)  # fmt: skip
            if control is None:
                self.found.omit("guardrail mode", where, f"“{mode[:40]}” only records, or is not known")
            elif not always:
                self.found.omit("guardrail mode", where, "it works only for callers that ask for it: no credit")
            else:
                self._control(f"{name} ({mode})", where, "guardrail mode", control, (key, *endpoints))
        if said.get("api_key"):
            self._secret("api_key", said["api_key"], (*place, "litellm_params", "api_key"), key, f"of {name}")

    def _mcp(self, place: Place, entry: Mapping[str, Any]) -> None:
        name = str(place[-1])
        where = address(self.reader.word(entry.get("url"), (*place, "url")))
        zone = self.outside.internet(place) if where and not where.local and "." in where.host else ""
        key = f"mcp {name}"
        identifiers = (f"dns:{where.host}",) if where and not where.local else ()
        self.found.parts.append(
            Part(key, name, place, "MCP server", type="MCPServer", boundary=zone, identifiers=identifiers)
        )
        asked = entry.get("auth_type") not in (None, "none")
        self._call(key, place, "MCP call", where.encrypted if where else None, True if asked else None)

    def _control(self, name: str, place: Place, kind: str, control: str, protects: tuple[str, ...]) -> None:
        self.found.measures.append(Measure(f"{control} {name}", name, place, kind, control, protects))


IMPORTER = two_stage(
    ID, "LiteLLM proxy configuration (YAML)", sniff, gather, ("*litellm*.yaml", "*litellm*.yml", "proxy_config.yaml")
)
