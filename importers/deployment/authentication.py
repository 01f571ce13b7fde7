"""Settings by which a service is told to ask for a password, or not to: the setting itself is the control."""

from __future__ import annotations

import re

from importers.deployment.variables import words
from importers.deployment.workload import Workload

_ASKS = words(
    "POSTGRES_PASSWORD POSTGRES_PASSWORD_FILE POSTGRESQL_PASSWORD MYSQL_ROOT_PASSWORD MYSQL_PASSWORD "
    "MARIADB_ROOT_PASSWORD MONGO_INITDB_ROOT_PASSWORD MONGODB_ROOT_PASSWORD MINIO_ROOT_PASSWORD MINIO_SECRET_KEY "
    "CLICKHOUSE_PASSWORD ELASTIC_PASSWORD OPENSEARCH_INITIAL_ADMIN_PASSWORD REDIS_PASSWORD RABBITMQ_DEFAULT_PASS "
    "QDRANT__SERVICE__API_KEY MEILI_MASTER_KEY NEO4J_AUTH NEO4J_PASSWORD VLLM_API_KEY LITELLM_MASTER_KEY "
    "CHROMA_SERVER_AUTHN_CREDENTIALS CHROMA_SERVER_AUTH_CREDENTIALS WEAVIATE_API_KEY MSSQL_SA_PASSWORD SA_PASSWORD "
    "FLOWISE_PASSWORD INFLUXDB_ADMIN_PASSWORD COUCHDB_PASSWORD ARANGO_ROOT_PASSWORD"
)
_ASKS_OPTIONS = frozenset({"requirepass", "api-key"})
_OPEN = {
    "POSTGRES_HOST_AUTH_METHOD": "trust", "ALLOW_EMPTY_PASSWORD": "yes", "MYSQL_ALLOW_EMPTY_PASSWORD": "yes",
    "NEO4J_AUTH": "none", "xpack.security.enabled": "false", "plugins.security.disabled": "true",
    "DISABLE_SECURITY_PLUGIN": "true", "AUTHENTICATION_ANONYMOUS_ACCESS_ENABLED": "true", "WEBUI_AUTH": "false",
    "LANGFLOW_AUTO_LOGIN": "true", "N8N_BASIC_AUTH_ACTIVE": "false", "ALLOW_ANONYMOUS_ACCESS": "true",
    "JUPYTER_TOKEN": "", "GF_AUTH_ANONYMOUS_ENABLED": "true",
}  # fmt: skip
_YES = re.compile(r"^(?:yes|true|1|on)$", re.IGNORECASE)


def open_to_all(workload: Workload) -> bool:
    """Whether a setting switches authentication off."""
    for one in workload.settings:
        if one.option:
            if one.key == "noauth" or (one.key == "NotebookApp.token" and not (one.value or "").strip("'\"")):
                return True
        elif one.key in _OPEN and one.value is not None:
            value, wanted = one.value.strip().strip("\"'").lower(), _OPEN[one.key]
            if value == wanted or (wanted in ("yes", "true") and _YES.match(value)):
                return True
    return False


def asks_for_credentials(workload: Workload) -> bool:
    """Whether a setting makes it ask whoever connects for a password or a key."""
    if open_to_all(workload):
        return False
    for one in workload.settings:
        if one.option and one.key in _ASKS_OPTIONS and one.value:
            return True
        if not one.option and one.key in _ASKS and one.value != "" and _serves(one.key, workload):
            return True
    return False


_PRODUCTS = {
    "postgres": "postgres|pgvector|timescale|supabase|paradedb|serenedb", "postgresql": "postgres",
    "mysql": "mysql|mariadb|percona", "mariadb": "mariadb", "mongo": "mongo", "mongodb": "mongo",
    "minio": "minio|silo", "clickhouse": "clickhouse", "elastic": "elasticsearch", "opensearch": "opensearch(?!-dash)",
    "redis": "redis|valkey|dragonfly", "rabbitmq": "rabbitmq", "qdrant": "qdrant", "meili": "meilisearch",
    "neo4j": "neo4j", "vllm": "vllm", "litellm": "litellm", "chroma": "chroma", "weaviate": "weaviate",
    "mssql": "mssql", "sa": "mssql", "flowise": "flowise", "influxdb": "influx", "couchdb": "couch", "arango": "arango",
}  # fmt: skip


def _serves(key: str, workload: Workload) -> bool:
    """Whether the setting is that of the product itself, not of a client that holds the same variable."""
    product = _PRODUCTS.get(key.partition("_")[0].lower(), "")
    return bool(product and re.search(product, f"{workload.image} {workload.name}".lower()))
