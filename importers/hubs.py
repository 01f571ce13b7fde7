"""Names of models, data sets and packages beyond one file: package URLs and addresses of public hubs."""

from __future__ import annotations

import re

_HUB = re.compile(
    r"https?://(?:www\.)?(?:huggingface\.co|hf\.co)/(datasets/)?([\w.-]{1,100}(?:/[\w.-]{1,100})?)(?:[/?#].*)?",
    re.ASCII,
)
_NOT_A_MODEL = frozenset(
    {"docs", "blog", "spaces", "papers", "models", "datasets", "settings", "api", "join", "pricing"}
)
_PURL = re.compile(r"pkg:[a-z][a-z0-9.+-]{0,30}/[^\s@?#]{1,300}", re.IGNORECASE)
HUB_HOST = "dns:huggingface.co"
HUB_NAME = "Hugging Face"


def of_purl(purl: str) -> str:
    """A package URL without version, qualifiers and path; empty where it is none."""
    found = _PURL.match(purl.strip())
    if found is None:
        return ""
    kind, _, rest = found[0].partition("/")
    return f"{kind.lower()}/{rest.rstrip('/').replace('%2F', '/').replace('%2f', '/')}"


def of_address(url: str) -> str:
    """The package URL of what an address of a public hub shows; empty where it shows neither model nor data set."""
    found = _HUB.fullmatch(url.strip()[:500])
    if found is None or found[2].partition("/")[0] in _NOT_A_MODEL:
        return ""
    if not found[1] and "/" not in found[2]:
        return ""
    name = found[2].removesuffix(".git")
    return f"pkg:huggingface/{'datasets/' if found[1] else ''}{name}"


def of_hub_name(name: str, data: bool = False) -> str:
    """The package URL of a name as hubs write it, owner and model; empty where it is no such name."""
    if not re.fullmatch(r"[\w.-]{1,100}/[\w.-]{1,100}", name.strip(), re.ASCII):
        return ""
    return f"pkg:huggingface/{'datasets/' if data else ''}{name.strip()}"


def is_on_hub(identifier: str) -> bool:
    """Whether an identifier names something on the public hub."""
    return identifier.startswith("pkg:huggingface/")


_SPEAKS = re.compile(
    r"text-?generation|text2text|causal|conversational|chat|language|summari[sz]ation|translation|question-answering|"
    r"image-text-to-text|any-to-any|instruct", re.IGNORECASE
)  # fmt: skip
_SPEAKING = re.compile(
    r"llama|gpt|mistral|mixtral|qwen|gemma|phi-?\d|falcon|claude|gemini|deepseek|\bt5\b|bloom|command-r|ForCausalLM|"
    r"ForConditionalGeneration", re.IGNORECASE
)  # fmt: skip
_WEAK = frozenset({
    "for", "an", "a", "the", "and", "of", "in", "on", "to", "with", "this", "that",
    "is", "data", "unknown", "none", "noassertion", "n/a", "na", "other", "etc", "from", "by", "as", "our",
})  # fmt: skip


def model_type(task: str, *architecture: str) -> str:
    """A LanguageModel where it generates text by its task, or without one by its architecture; otherwise a Model."""
    if task.strip():
        return "LanguageModel" if _SPEAKS.search(task[:200]) else "Model"
    return "LanguageModel" if any(_SPEAKING.search(one[:200]) for one in architecture) else "Model"


def is_a_name(text: str) -> bool:
    """Whether a text can be the name of a data set: generators take words of running text for names."""
    return bool(text.strip()) and text.strip().lower() not in _WEAK and len(text) <= 200
