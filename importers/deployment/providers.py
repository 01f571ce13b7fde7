"""Services of third parties that a credential is for, told by the name of the setting that holds it."""

from __future__ import annotations

from dataclasses import dataclass

from importers.deployment.references import key_words


@dataclass(frozen=True, slots=True)
class Provider:
    """A third party's service: ``id`` is what the typing table knows it by, ``host`` where its interface is."""

    id: str
    name: str
    host: str


_ALL = (
    Provider("openai", "OpenAI", "api.openai.com"),
    Provider("anthropic", "Anthropic", "api.anthropic.com"),
    Provider("azure", "Azure OpenAI", "openai.azure.com"),
    Provider("gemini", "Google Gemini", "generativelanguage.googleapis.com"),
    Provider("mistral", "Mistral AI", "api.mistral.ai"),
    Provider("cohere", "Cohere", "api.cohere.com"),
    Provider("groq", "Groq", "api.groq.com"),
    Provider("deepseek", "DeepSeek", "api.deepseek.com"),
    Provider("openrouter", "OpenRouter", "openrouter.ai"),
    Provider("together", "Together AI", "api.together.xyz"),
    Provider("fireworks", "Fireworks AI", "api.fireworks.ai"),
    Provider("replicate", "Replicate", "api.replicate.com"),
    Provider("perplexity", "Perplexity", "api.perplexity.ai"),
    Provider("xai", "xAI", "api.x.ai"),
    Provider("nvidia", "NVIDIA NIM", "integrate.api.nvidia.com"),
    Provider("voyage", "Voyage AI", "api.voyageai.com"),
    Provider("jina", "Jina AI", "api.jina.ai"),
    Provider("pinecone", "Pinecone", "api.pinecone.io"),
    Provider("tavily", "Tavily", "api.tavily.com"),
    Provider("serpapi", "SerpApi", "serpapi.com"),
    Provider("serper", "Serper", "google.serper.dev"),
    Provider("brave", "Brave Search", "api.search.brave.com"),
    Provider("firecrawl", "Firecrawl", "api.firecrawl.dev"),
    Provider("elevenlabs", "ElevenLabs", "api.elevenlabs.io"),
    Provider("deepgram", "Deepgram", "api.deepgram.com"),
    Provider("langsmith", "LangSmith", "api.smith.langchain.com"),
)
PROVIDERS = {one.id: one for one in _ALL}
_ALIASES = {
    "google gemini": "gemini", "together ai": "together", "fireworks ai": "fireworks", "azure openai": "azure",
    "pplx": "perplexity", "brave search": "brave", "voyageai": "voyage", "mistralai": "mistral", "co": "cohere",
    "langchain": "langsmith", "eleven labs": "elevenlabs", "google generative ai": "gemini", "claude": "anthropic",
    "ai anthropic": "anthropic",
}  # fmt: skip
_ENDS = (["api", "key"], ["auth", "token"], ["api", "token"], ["access", "token"], ["key"], ["token"])


def provider_of(key: str) -> Provider | None:
    """The provider whose credential a setting is, such as ``OPENAI_API_KEY``; None where its name tells none."""
    words = key_words(key)
    for end in _ENDS:
        if len(words) > len(end) and words[-len(end) :] == end:
            stem = words[: -len(end)]
            for start in range(len(stem)):
                said = " ".join(stem[start:])
                found = PROVIDERS.get(_ALIASES.get(said, said))
                if found and not (found.id == "cohere" and said == "co" and len(stem) > 1):
                    return found
            return None
    return None
