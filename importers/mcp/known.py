"""MCP servers that are well known: what data they open up, and whose content they bring before the model."""

from __future__ import annotations

import re
from dataclasses import dataclass

from importers.mcp.packages import Package


@dataclass(frozen=True, slots=True)
class Known:
    """``data`` is what the server gives access to, of an asset type; ``writes`` whether it may change it; ``outside``
    whether people outside may write there; ``host`` the service behind it; ``code`` whether it runs commands."""

    data: str = ""
    type: str = ""
    writes: bool = False
    outside: bool = False
    host: str = ""
    store: str = ""
    code: bool = False
    paths: bool = False


_WEB = Known("Web pages", "DataSource", outside=True)


def _said(what: str, host: str = "", writes: bool = True) -> Known:
    return Known(what, "UserContent", writes, True, host)


def _store(name: str, type: str = "Database") -> Known:
    return Known(store=name, type=type, writes=True)


KNOWN: dict[str, Known] = {
    "filesystem": Known(paths=True, writes=True),
    "git": Known(paths=True, writes=True, type="SourceCode"),
    "obsidian": Known("Notes in Obsidian", "KnowledgeBase", True),
    "postgres": _store("PostgreSQL"), "postgresql": _store("PostgreSQL"), "mysql": _store("MySQL"),
    "sqlite": _store("SQLite"), "mongodb": _store("MongoDB"), "mongo": _store("MongoDB"),
    "redis": _store("Redis", "Cache"), "neo4j": _store("Neo4j"), "clickhouse": _store("ClickHouse"),
    "elasticsearch": _store("Elasticsearch"), "duckdb": _store("DuckDB"), "snowflake": _store("Snowflake"),
    "bigquery": _store("BigQuery"), "supabase": _store("Supabase"), "mssql": _store("SQL Server"),
    "motherduck": _store("MotherDuck"), "neon": _store("Neon"), "dbhub": _store("Database"),
    "qdrant": _store("Qdrant", "VectorStore"), "chroma": _store("Chroma", "VectorStore"),
    "pinecone": _store("Pinecone", "VectorStore"), "weaviate": _store("Weaviate", "VectorStore"),
    "milvus": _store("Milvus", "VectorStore"),
    "memory": Known("Memory of the agent", "AgentMemory", True),
    "mem0": Known("Memory of the agent", "AgentMemory", True),
    "github": _said("Issues, comments and code on GitHub", "api.github.com"),
    "githubcopilot": _said("Issues, comments and code on GitHub", "api.github.com"),
    "gitlab": _said("Issues, comments and code on GitLab", "gitlab.com"),
    "bitbucket": _said("Issues, comments and code on Bitbucket", "bitbucket.org"),
    "slack": _said("Messages in Slack", "slack.com"),
    "discord": _said("Messages in Discord", "discord.com"),
    "telegram": _said("Messages in Telegram", "api.telegram.org"),
    "teams": _said("Messages in Teams", "graph.microsoft.com"),
    "whatsapp": _said("Messages in WhatsApp"),
    "gmail": _said("E-mail", "gmail.googleapis.com"), "email": _said("E-mail"), "imap": _said("E-mail"),
    "outlook": _said("E-mail", "graph.microsoft.com"), "ms365": _said("E-mail", "graph.microsoft.com"),
    "gdrive": _said("Documents in Google Drive", "www.googleapis.com"),
    "gsuite": _said("Documents in Google Drive", "www.googleapis.com"),
    "sharepoint": _said("Documents in SharePoint", "graph.microsoft.com"),
    "notion": _said("Pages in Notion", "api.notion.com"), "linear": _said("Tickets in Linear", "api.linear.app"),
    "jira": _said("Tickets in Jira", "atlassian.net"),
    "atlassian": _said("Tickets and pages of Atlassian", "atlassian.net"),
    "confluence": _said("Pages in Confluence", "atlassian.net"), "asana": _said("Tasks in Asana", "app.asana.com"),
    "sentry": _said("Errors reported to Sentry", "sentry.io", writes=False),
    "zendesk": _said("Tickets in Zendesk", "zendesk.com"),
    "intercom": _said("Conversations in Intercom", "intercom.io"),
    "hubspot": _said("Records in HubSpot", "api.hubapi.com"), "salesforce": _said("Records in Salesforce"),
    "reddit": _said("Posts on Reddit", "www.reddit.com", writes=False), "twitter": _said("Posts on X", "api.x.com"),
    "youtube": _said("Transcripts on YouTube", "www.youtube.com", writes=False),
    "brave": _WEB, "tavily": _WEB, "exa": _WEB, "fetch": _WEB, "firecrawl": _WEB, "playwright": _WEB, "puppeteer": _WEB,
    "browser": _WEB, "browserbase": _WEB, "chrome": _WEB, "duckduckgo": _WEB, "serper": _WEB, "searxng": _WEB,
    "perplexity": _WEB, "kagi": _WEB, "crawl4ai": _WEB, "apify": _WEB, "brightdata": _WEB, "jina": _WEB, "rss": _WEB,
    "shell": Known(code=True), "terminal": Known(code=True), "commander": Known(code=True), "ssh": Known(code=True),
    "wcgw": Known(code=True), "iterm": Known(code=True), "windows": Known(code=True), "applescript": Known(code=True),
    "docker": Known(code=True), "kubernetes": Known(code=True), "kubectl": Known(code=True),
}  # fmt: skip
"""By a word in the name of the package, or in the host of a remote server."""

_SPLIT = re.compile(r"[^a-z0-9]+")


def known(package: Package | None, host: str) -> Known | None:
    """What is known of a server by its package or its host; a name that somebody gave it says nothing."""
    if package is not None:
        scope, _, name = package.name.lower().rpartition("/")
        said = _SPLIT.split(name.partition("@")[0]) + (_SPLIT.split(scope) if scope.startswith("@") else [])
    else:
        said = _SPLIT.split(host)[:-1]
    return next((KNOWN[one] for one in said if one in KNOWN), None)
