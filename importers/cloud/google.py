"""What a role of Google Cloud allows whoever has it: over which kinds of resources, and whether to read or write."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

_OVER = {
    "storage": ("google_storage_bucket",),
    "bigquery": ("google_bigquery_dataset", "google_bigquery_table"),
    "datastore": ("google_firestore_database",),
    "cloudsql": ("google_sql_database_instance",),
    "secretmanager": ("google_secret_manager_secret",),
    "pubsub": ("google_pubsub_topic", "google_pubsub_subscription"),
    "artifactregistry": ("google_artifact_registry_repository",),
    "spanner": ("google_spanner_instance",),
}
_EVERYTHING = frozenset({"roles/owner", "roles/editor"})
_CALLS_MODELS = ("roles/aiplatform.user", "roles/aiplatform.admin", "roles/aiplatform.serviceagent")
_WRITES = ("admin", "owner", "creator", "editor", "writer", "dataowner", "publisher", "user", "versionadder")
_READS = ("admin", "owner", "viewer", "reader", "accessor", "editor", "user", "subscriber", "client")


def roles_of(values: Mapping[str, Any]) -> Iterator[str]:
    """The roles that a membership gives, also where it stands once for several."""
    for key in ("role", "for_each"):
        said = values.get(key)
        for one in said if isinstance(said, list) else [said]:
            if isinstance(one, str) and one.startswith("roles/"):
                yield one


def calls_models(role: str) -> bool:
    """Whether whoever has a role may call the models of Vertex AI."""
    return role.lower() in _CALLS_MODELS or role in _EVERYTHING


def allows(role: str, type_: str) -> tuple[bool, bool]:
    """Whether a role lets one read, and whether it lets one write, resources of a type."""
    if role in _EVERYTHING:
        known = any(type_ in types for types in _OVER.values())
        return known, known
    service, _, last = role.removeprefix("roles/").lower().partition(".")
    if type_ not in _OVER.get(service, ()):
        return False, False
    return any(word in last for word in _READS), any(word in last for word in _WRITES)
