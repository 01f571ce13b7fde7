"""Colours and signs, for light and dark backgrounds.

Colour never stands alone: a kind has an icon and a shape as well, a band has its word. The hues are
Okabe and Ito's, which stay apart for people with a colour vision deficiency, made darker or lighter
until text on them has a contrast of at least 4.5 to 1 (WCAG 2.2, success criterion 1.4.3).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Tone:
    """Colours of a box: what fills it, its border and lines of that tone, and text inside."""

    fill: str
    line: str
    text: str


@dataclass(frozen=True, slots=True)
class Kind:
    """How one kind of element looks: colours of its icon's ground, the icon, and the box's shape."""

    label: str
    icon: str
    light: str
    dark: str
    shape: str = "box"


@dataclass(frozen=True, slots=True)
class Surface:
    """Colours that belong to the ground rather than to an element."""

    ground: str
    text: str
    muted: str
    edge: str
    zone_fill: str
    zone_line: str
    accent: str
    icon: str


LIGHT_SURFACE = Surface("#ffffff", "#1c2733", "#556270", "#8492a3", "#5b7083", "#b4c0cc", "#0b63c5", "#ffffff")
DARK_SURFACE = Surface("#0e1117", "#e8edf3", "#a3b0be", "#75859a", "#9fb3c8", "#414d5c", "#6cb2ff", "#0e1117")

LIGHT_TONES: Mapping[str, Tone] = MappingProxyType(
    {
        "plain": Tone("#ffffff", "#a9b6c4", "#1c2733"),
        "muted": Tone("#f3f5f8", "#ccd4dd", "#566372"),
        "accent": Tone("#e8f2fd", "#0b63c5", "#12385f"),
        "ok": Tone("#e4f5ef", "#007a5a", "#0b4334"),
        "warn": Tone("#fdf1da", "#bf7a00", "#553600"),
        "danger": Tone("#fce6e4", "#b3261e", "#6b1410"),
    }
)
DARK_TONES: Mapping[str, Tone] = MappingProxyType(
    {
        "plain": Tone("#1b222c", "#4d5b6b", "#e8edf3"),
        "muted": Tone("#151a21", "#343e4a", "#9aa8b7"),
        "accent": Tone("#12293f", "#6cb2ff", "#d9ebff"),
        "ok": Tone("#0f2b23", "#35c49a", "#cff5e8"),
        "warn": Tone("#32260c", "#e9ab36", "#fdeccb"),
        "danger": Tone("#3a1a10", "#ff8455", "#ffe0d4"),
    }
)

BAND_TONES: Mapping[str, str] = MappingProxyType(
    {"none": "plain", "low": "ok", "medium": "warn", "high": "danger", "critical": "danger"}
)

# The ground of a band's word in tables and tiles, on the light and the dark page.
BAND_COLOURS: Mapping[str, str] = MappingProxyType(
    {"Low": "#9fd8bd", "Medium": "#f3cf73", "High": "#b8500f", "Critical": "#8f1d1d"}
)

KINDS: Mapping[str, Kind] = MappingProxyType(
    {
        "actor": Kind("Attacker", "mask", "#b5390a", "#ff8455", "hexagon"),
        "person": Kind("Person", "person", "#7a5a00", "#f0c75e", "pill"),
        "agent": Kind("Agent", "spark", "#8a3a76", "#e79bd0"),
        "model": Kind("Model", "layers", "#0a5f99", "#67b7f0"),
        "endpoint": Kind("Model endpoint", "brain", "#0a5f99", "#67b7f0"),
        "service": Kind("Service", "server", "#4b5b6d", "#aebccb"),
        "gateway": Kind("Entry or gateway", "door", "#3f5aa8", "#9db3f2"),
        "pipeline": Kind("Pipeline", "flow", "#4b5b6d", "#aebccb"),
        "tool": Kind("Tool", "wrench", "#915a00", "#eab04a"),
        "store": Kind("Store", "store", "#00705a", "#4fd0ac", "cylinder"),
        "data": Kind("Data", "page", "#00705a", "#4fd0ac", "document"),
        "secret": Kind("Secret", "key", "#a3345c", "#f59ab9", "document"),
        "control": Kind("Control", "shield", "#00705a", "#4fd0ac"),
        "device": Kind("Device or host", "chip", "#4b5b6d", "#aebccb"),
        "package": Kind("Package", "cube", "#6b4f9e", "#bda5ec"),
        "fact": Kind("Position held", "flag", "#0a5f99", "#67b7f0", "pill"),
        "step": Kind("Attack step", "bolt", "#b5390a", "#ff8455", "cut"),
        "loss": Kind("Loss", "drop", "#9c1f1f", "#ff8f8f", "cut"),
        "other": Kind("Other", "dot", "#4b5b6d", "#aebccb"),
    }
)

_KIND_OF_TYPE: Mapping[str, str] = MappingProxyType(
    {
        "DataSource": "data", "UserContent": "data", "Dataset": "data", "FeatureSet": "data", "BusinessData": "data",
        "KnowledgeBase": "data", "AgentMemory": "data", "PromptArtifact": "data", "SystemPrompt": "data",
        "TelemetryLog": "data", "SourceCode": "data", "DataAsset": "data", "Secret": "secret",
        "Model": "model", "LanguageModel": "model", "ModelAdapter": "model",
        "Application": "service", "WebApplication": "gateway", "ApiGateway": "gateway", "Client": "gateway",
        "MessageQueue": "service", "IdentityProvider": "service", "Guardrail": "control",
        "InferenceEndpoint": "endpoint", "PredictiveEndpoint": "endpoint", "LanguageModelEndpoint": "endpoint",
        "Agent": "agent", "Orchestrator": "agent", "Tool": "tool", "MCPServer": "tool", "Plugin": "tool",
        "DataPipeline": "pipeline", "TrainingPipeline": "pipeline", "Notebook": "pipeline",
        "EvaluationHarness": "pipeline", "BuildPipeline": "pipeline", "SoftwarePackage": "package",
        "ContainerPlatform": "device",
        "Host": "device", "Sandbox": "device", "Device": "device", "Sensor": "device", "Actuator": "device",
        "Workstation": "device", "DataStore": "store", "Database": "store", "VectorStore": "store",
        "ModelRegistry": "store", "ArtifactRepository": "store", "SecretStore": "store",
        "Cache": "store", "PublicHub": "store", "ToolRegistry": "store", "Router": "gateway",
        "PolicyPoint": "control", "ServiceAccount": "secret", "Person": "person",
    }
)  # fmt: skip


def kind_of(asset_type: str, ancestors: Iterable[str] = ()) -> str:
    """The kind under which an asset type is drawn; types of one's own look like their ancestors."""
    if asset_type in _KIND_OF_TYPE:
        return _KIND_OF_TYPE[asset_type]
    found = {_KIND_OF_TYPE[name] for name in ancestors if name in _KIND_OF_TYPE}
    return min(found, key=lambda kind: (kind in ("service", "data", "device"), kind), default="other")


def tone_of_band(band: str | None) -> str:
    """The tone for a band's word; plain where there is none."""
    return BAND_TONES.get((band or "").lower(), "plain")


def text_on(ground: str) -> str:
    """White or near-black, whichever reads better on a colour."""
    return max(("#ffffff", "#1c2733"), key=lambda one: contrast(one, ground))


def contrast(one: str, other: str) -> float:
    """Contrast ratio of two colours given as ``#rrggbb``, from 1 to 21."""
    brighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (brighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
