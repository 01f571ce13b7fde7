"""What the words of a Threagile model stand for here."""

from __future__ import annotations

from collections.abc import Mapping

from graphmodel.knowledge.vocabulary import Severity

TECHNOLOGIES: Mapping[str, str] = {
    "client-system": "Client", "browser": "Client", "desktop": "Client", "mobile-app": "Client",
    "devops-client": "Workstation", "cli": "Client", "web-server": "Application", "web-application": "WebApplication",
    "application-server": "Application", "database": "Database", "file-server": "DataStore",
    "local-file-system": "DataStore", "erp": "Application", "cms": "WebApplication", "web-service-rest": "Application",
    "web-service-soap": "Application", "ejb": "Application", "search-index": "Database", "search-engine": "Database",
    "service-registry": "Application", "reverse-proxy": "ApiGateway", "load-balancer": "ApiGateway",
    "build-pipeline": "BuildPipeline", "sourcecode-repository": "ArtifactRepository",
    "artifact-registry": "ArtifactRepository", "code-inspection-platform": "Application", "monitoring": "Application",
    "ldap-server": "IdentityProvider", "container-platform": "Host", "batch-processing": "DataPipeline",
    "event-listener": "Application", "identity-provider": "IdentityProvider", "identity-store-ldap": "Database",
    "identity-store-database": "Database", "tool": "Application", "threagile": "Application", "task": "Application",
    "function": "Application", "gateway": "ApiGateway", "iot-device": "Device", "message-queue": "MessageQueue",
    "stream-processing": "DataPipeline", "service-mesh": "ApiGateway", "data-lake": "DataStore",
    "big-data-platform": "Database", "report-engine": "Application", "ai": "PredictiveEndpoint",
    "mail-server": "Application", "vault": "SecretStore", "hsm": "SecretStore", "waf": "ApiGateway",
    "ids": "Application", "ips": "ApiGateway", "scheduler": "Application", "mainframe": "Host",
    "block-storage": "DataStore", "library": "Application",
}  # fmt: skip
OPEN_PROTOCOLS = frozenset({
    "http", "ws", "jdbc", "odbc", "sql-access-protocol", "nosql-access-protocol", "binary", "text", "mqtt", "jms",
    "smtp", "pop3", "imap", "ftp", "ldap", "nfs", "smb", "nrpe", "xmpp", "iiop", "jrmp", "local-file-access",
    "in-process-library-call", "inter-process-communication", "container-spawning",
})  # fmt: skip
# Calls that never leave a machine cannot be overheard on a network.
LOCAL_PROTOCOLS = frozenset({"local-file-access", "in-process-library-call", "inter-process-communication"})
CLOSED_PROTOCOLS = frozenset({"https", "wss", "ssh", "ssh-tunnel", "sftp", "scp", "ftps", "ldaps", "smbs"})
INTEGRITY = {"important": Severity.MEDIUM, "critical": Severity.HIGH, "mission-critical": Severity.CRITICAL}
SECRECY = {"restricted": Severity.LOW, "confidential": Severity.HIGH, "strictly-confidential": Severity.CRITICAL}
READ_TOP = frozenset({
    "title", "threagile_version", "author", "date", "business_overview", "data_assets", "technical_assets",
    "trust_boundaries", "shared_runtimes", "individual_risk_categories", "risk_tracking", "tags_available",
})  # fmt: skip
