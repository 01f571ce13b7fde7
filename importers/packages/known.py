"""What a library is for, by its name: which provider's models, which store or which service its user calls."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from importers.deployment.variables import words


class Use(StrEnum):
    """What a program has a library for."""

    MODEL = "models of a provider"
    STORE = "store"
    SERVICE = "service"
    WEB = "web pages"
    FRAMEWORK = "framework"
    LOCAL = "models of its own"
    PROTOCOL = "MCP"
    GUARD = "guardrail"


@dataclass(frozen=True, slots=True)
class Known:
    """``word`` is what the other side is known by: a provider, or the name of a service; ``name`` is for people."""

    use: Use
    word: str = ""
    name: str = ""


_MODELS = {
    "openai": "OpenAI",
    "anthropic": "Anthropic",
    "google-genai": "Google Gemini",
    "google-generativeai": "Google Gemini",
    "generative-ai": "Google Gemini",
    "genai": "Google Gemini",
    "google": "Google Gemini",
    "gemini": "Google Gemini",
    "google-vertexai": "Vertex AI",
    "vertex": "Vertex AI",
    "vertexai": "Vertex AI",
    "google-vertex": "Vertex AI",
    "google-cloud-aiplatform": "Vertex AI",
    "aws": "Bedrock",
    "bedrock": "Bedrock",
    "amazon-bedrock": "Bedrock",
    "bedrock-converse": "Bedrock",
    "client-bedrock-runtime": "Bedrock",
    "client-bedrock-agent-runtime": "Bedrock",
    "bedrock-agentcore": "Bedrock",
    "bedrock-sdk": "Bedrock",
    "mistralai": "Mistral",
    "mistral": "Mistral",
    "cohere": "Cohere",
    "cohere-ai": "Cohere",
    "groq": "Groq",
    "groq-sdk": "Groq",
    "ollama": "Ollama",
    "together": "Together AI",
    "togetherai": "Together AI",
    "fireworks": "Fireworks AI",
    "fireworks-ai": "Fireworks AI",
    "replicate": "Replicate",
    "deepseek": "DeepSeek",
    "xai": "xAI",
    "perplexity": "Perplexity",
    "azure": "Azure OpenAI",
    "azure-openai": "Azure OpenAI",
    "azure-ai-inference": "Azure AI",
    "azure-ai-projects": "Azure AI",
    "azure-ai-agents": "Azure AI",
    "ibm-watsonx-ai": "watsonx",
    "ibm": "watsonx",
    "dashscope": "DashScope",
    "zhipuai": "Zhipu AI",
    "nvidia-ai-endpoints": "NVIDIA",
    "nvidia": "NVIDIA",
    "huggingface": "Hugging Face",
    "inference": "Hugging Face",
    "cerebras": "Cerebras",
    "openrouter": "OpenRouter",
    "voyageai": "Voyage",
    "jina": "Jina",
    "sdk": "Anthropic",
    "openai-agents": "OpenAI",
    "agents": "OpenAI",
    "claude-agent-sdk": "Anthropic",
    "claude-code": "Anthropic",
}
_STORES = {
    "qdrant-client": "qdrant",
    "qdrant": "qdrant",
    "js-client-rest": "qdrant",
    "chromadb": "chroma",
    "chroma": "chroma",
    "weaviate-client": "weaviate",
    "weaviate-ts-client": "weaviate",
    "weaviate": "weaviate",
    "pymilvus": "milvus",
    "milvus": "milvus",
    "milvus2-sdk-node": "milvus",
    "pinecone": "pinecone",
    "pinecone-client": "pinecone",
    "pgvector": "pgvector",
    "elasticsearch": "elasticsearch",
    "opensearch-py": "opensearch",
    "opensearch": "opensearch",
    "redis": "redis",
    "ioredis": "redis",
    "psycopg": "postgres",
    "psycopg2": "postgres",
    "psycopg2-binary": "postgres",
    "asyncpg": "postgres",
    "pg": "postgres",
    "postgres": "postgres",
    "pymongo": "mongo",
    "motor": "mongo",
    "mongodb": "mongo",
    "mongoose": "mongo",
    "neo4j": "neo4j",
    "neo4j-driver": "neo4j",
    "mysql-connector-python": "mysql",
    "pymysql": "mysql",
    "mysql2": "mysql",
    "clickhouse-connect": "clickhouse",
    "minio": "minio",
    "confluent-kafka": "kafka",
    "kafkajs": "kafka",
    "aiokafka": "kafka",
    "pika": "rabbitmq",
    "aio-pika": "rabbitmq",
    "amqplib": "rabbitmq",
}
_SERVICES = {
    "azure-search-documents": ("azure ai search", "Azure AI Search"),
    "search-documents": ("azure ai search", "Azure AI Search"),
    "slack-sdk": ("slack.com", "Slack"),
    "slack-bolt": ("slack.com", "Slack"),
    "bolt": ("slack.com", "Slack"),
    "langsmith": ("api.smith.langchain.com", "LangSmith"),
    "langfuse": ("langfuse", "Langfuse"),
    "supabase": ("supabase.co", "Supabase"),
    "supabase-js": ("supabase.co", "Supabase"),
    "mem0ai": ("api.mem0.ai", "Mem0"),
    "zep-cloud": ("api.getzep.com", "Zep"),
    "e2b": ("api.e2b.dev", "E2B"),
    "e2b-code-interpreter": ("api.e2b.dev", "E2B"),
    "code-interpreter": ("api.e2b.dev", "E2B"),
    "twilio": ("api.twilio.com", "Twilio"),
    "elevenlabs": ("api.elevenlabs.io", "ElevenLabs"),
    "deepgram-sdk": ("api.deepgram.com", "Deepgram"),
    "composio": ("backend.composio.dev", "Composio"),
}
_WEB = words(
    "tavily-python tavily duckduckgo-search ddgs google-search-results serpapi exa-py firecrawl-py firecrawl "
    "playwright browser-use selenium crawl4ai brave-search stagehand puppeteer"
)
_FRAMEWORKS = words(
    "langchain langchain-core langchain-community langgraph llama-index llama-index-core llamaindex crewai "
    "crewai-tools autogen autogen-agentchat pyautogen ag2 agent-framework semantic-kernel pydantic-ai smolagents "
    "google-adk strands-agents agno phidata haystack-ai dspy dspy-ai litellm instructor mastra core ai deepagents "
    "adk openai-agents agents claude-agent-sdk"
)
_LOCAL = words(
    "transformers vllm llama-cpp-python sentence-transformers ctransformers gpt4all diffusers mlx-lm optimum "
    "transformers.js"
)
_GUARDS = words("nemoguardrails guardrails-ai llm-guard presidio-analyzer rebuff")
_PREFIX = re.compile(
    r"^(?:langchain-|llama-index-(?:llms|embeddings|vector-stores|readers)-|@langchain/|@ai-sdk/|@llamaindex/|"
    r"@anthropic-ai/|@google/|@google-cloud/|@aws-sdk/|@mistralai/|@azure/|@qdrant/|@pinecone-database/|"
    r"@elastic/|@opensearch-project/|@zilliz/|@huggingface/|@supabase/|@slack/|@e2b/|@openai/|@mastra/|"
    r"@browserbasehq/|@openrouter/|@cerebras/|@tavily/)"
)
_SCOPED = re.compile(r"^@[^/]+/")
_NPM_ONLY = frozenset({"ai", "core", "agents", "sdk", "inference", "bolt", "code-interpreter", "generative-ai"})


def known(name: str, registry: str) -> tuple[Known, ...]:
    """What a library of a registry is for; empty where it says nothing of AI or of what is called."""
    if name == "@modelcontextprotocol/sdk" or (registry == "pypi" and name in ("mcp", "fastmcp")):
        return (Known(Use.PROTOCOL),)
    stem = _PREFIX.sub("", name)
    if _SCOPED.match(stem) or (stem == name and stem in _NPM_ONLY and name != "ai"):
        return ()
    if stem == "ai" and registry != "npm":
        return ()
    found = []
    if stem == name or name.startswith(("@openai/", "@mastra/", "@anthropic-ai/claude", "@langchain/", "@llamaindex/")):
        found += [Known(Use.FRAMEWORK)] if stem in _FRAMEWORKS else []
    whole = {"google", "azure", "aws", "ibm", "inference", "nvidia", "vertex", "huggingface", "together", "jina"}
    if stem in _MODELS and not (stem == name and stem in whole):
        found.append(Known(Use.MODEL, _MODELS[stem], _MODELS[stem]))
    elif stem in _STORES:
        found.append(Known(Use.STORE, _STORES[stem], _STORES[stem].capitalize()))
    elif stem in _SERVICES:
        found.append(Known(Use.SERVICE, *_SERVICES[stem]))
    elif stem in _WEB:
        found.append(Known(Use.WEB))
    elif stem in _LOCAL:
        found.append(Known(Use.LOCAL))
    elif stem in _GUARDS:
        found.append(Known(Use.GUARD))
    return tuple(found)


PLAIN = words(
    "langchain langchain-core langchain-community llama-index llama-index-core llamaindex haystack-ai ai core"
)
"""Frameworks with which one builds anything: more special ones are the better sign of what a program is."""
SAYS_AI = frozenset({Use.MODEL, Use.FRAMEWORK, Use.LOCAL, Use.PROTOCOL})
"""Uses of which one makes a program an AI application; a database alone does not."""
