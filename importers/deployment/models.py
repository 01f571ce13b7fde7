"""Models that a workload loads or asks for, by the options and settings in which their names stand."""

from __future__ import annotations

import re
from collections.abc import Iterator

from graphmodel.reading.values import Place
from importers.deployment.references import key_words
from importers.deployment.variables import with_defaults, words
from importers.deployment.workload import Workload

_NAME = re.compile(r"^[A-Za-z0-9][\w.:@-]*(?:/[A-Za-z0-9][\w.:@-]*){0,3}$")
_SERVES = re.compile(
    r"ollama|vllm|text-generation-inference|text-embeddings-inference|llama\.?cpp|local-?ai|xinference|sglang|"
    r"lmdeploy|tritonserver|mlserver|infinity|nim/|torchserve|huggingfaceserver|tgi|(?:^|[/-])tei(?:$|-)|llm-?d"
)
_MODEL_KEYS = words(
    "model|model id|model name|model path|llm model|llm model id|llm model name|hf model|hf model id|ollama model|"
    "ollama default model|openai model|openai model name|anthropic model|embedding model|embedding model id|"
    "embedding model name|embeddings model|embed model|rerank model|rerank model id|reranker model|chat model|"
    "default model|nim model name|azure openai model|lm model|vllm model|base model|app llm modelname|"
    "app embeddings modelname|served model",
    "|",
)
_OPTIONS = frozenset({"model", "model-id", "model_id", "model-path", "model_path", "m"})
_NO_NAMES = frozenset({"", "none", "null", "auto", "default", "true", "false", "local"})


def names_model(key: str, value: object) -> bool:
    """Whether a setting, by its name, holds the name of a model."""
    return isinstance(value, str) and " ".join(key_words(key)) in _MODEL_KEYS and _named(value.strip())


def serves(workload: Workload) -> bool:
    """Whether its image is one that loads models and answers with them."""
    return bool(_SERVES.search(workload.image.lower()))


def models_of(workload: Workload) -> Iterator[tuple[Place, str, bool]]:
    """The models that it names, with where they stand, and whether it serves them itself."""
    previous = ""
    serving = serves(workload)
    if "/nim/" in workload.image and serving:
        image = with_defaults(workload.image).partition("/nim/")[2]
        yield workload.image_place, image.partition(":")[0].partition("@")[0], True
    for one in workload.settings:
        value = with_defaults(one.value or "").strip()
        argument = not one.key and previous in ("serve", "pull", "run") and serving
        option = one.option and one.key in _OPTIONS and (serving or one.key != "m")
        if (argument or option) and _named(value):
            yield one.place, value, True
        elif not one.option and " ".join(key_words(one.key)) in _MODEL_KEYS and _named(value):
            yield one.place, value, serving
        previous = one.value or "" if not one.key else ""


def _named(value: str) -> bool:
    return len(value) <= 120 and value.lower() not in _NO_NAMES and bool(_NAME.match(value)) and not value.isdigit()


def identifier(name: str, image: str) -> tuple[str, ...]:
    """What the model is known by elsewhere: on the hub where it has an owner, else by the runtime that loads it."""
    if "ollama" in image:
        return (f"model:ollama/{name}",)
    owner, slash, rest = name.partition("/")
    return (f"pkg:huggingface/{owner}/{rest}",) if slash and "/" not in rest and ":" not in rest else ()
