"""What the words of a title say: of which type a thing is, what data are, and which control is meant."""

from __future__ import annotations

import re
from collections.abc import Iterator

TYPE_WORDS: tuple[tuple[str, str], ...] = (
    (r"mcp", "MCPServer"),
    (r"\bagent|copilot|assistant", "Agent"),
    (r"\bllm\b|language model|gpt|chat ?bot|completion", "LanguageModelEndpoint"),
    (r"vector|embedding|faiss|pinecone|weaviate|qdrant", "VectorStore"),
    (r"jupyter|notebook", "Notebook"),
    (r"train(er|ing)( job| pipeline| service)|fine.?tun", "TrainingPipeline"),
    (r"gather|crawl|scrap|ingest|\betl\b|collector|harvest|label", "DataPipeline"),
    (r"deploy|build pipeline|build-pipeline|\bci\b|ci/cd|jenkins|release", "BuildPipeline"),
    (r"inference|scoring|predict|model server|model.serving|classif", "PredictiveEndpoint"),
    (r"gateway|load.?balancer|reverse.?proxy|\bproxy\b|\bwaf\b", "ApiGateway"),
    (r"identity|\bidp\b|\bsso\b|ldap|active directory|oauth|auth service", "IdentityProvider"),
    (r"key vault|vault|secret", "SecretStore"),
    (r"model.?(registry|store|storage|blob)|models?.?blob", "ModelRegistry"),
    (r"git(hub|lab)?\b|repositor|artifact", "ArtifactRepository"),
    (r"queue|kafka|broker|rabbit", "MessageQueue"),
    (r"bastion|jump.?host|\bhost\b|cluster|kubernetes|\bvm\b|runtime", "Host"),
    (r"camera|sensor|lidar|microphone", "Sensor"),
    (r"actuator|brake|steering|valve|\bgate\b", "Actuator"),
    (r"\becu\b|plc|controller|iot|device|robot", "Device"),
    (r"sql|postgres|oracle|mongo|database|\bdb\b|redis|warehouse", "Database"),
    (r"browser|mobile|desktop|client|wallet|\bgui\b|\bapp\b", "Client"),
    (r"laptop|workstation", "Workstation"),
    (r"website|front.?end|portal|web.?app|web.?ui", "WebApplication"),
    (r"blob|bucket|storage|\bs3\b|file.?system|file server|share|cache|store", "DataStore"),
)
DATA_WORDS: tuple[tuple[str, str], ...] = (
    (r"\bkeys?\b|credential|secret|token|password|certificate", "Secret"),
    (r"system.?prompt", "SystemPrompt"),
    (r"prompt", "PromptArtifact"),
    (r"large language|\bllm\b", "LanguageModel"),
    (r"\bmodels?\b|weights", "Model"),
    (r"train|validation|label|dataset", "Dataset"),
    (r"feature", "FeatureSet"),
    (r"\blogs?\b|telemetry|trace|metrics", "TelemetryLog"),
    (r"source.?code|configuration|\bcode\b|firmware", "SourceCode"),
    (r"upload|user.?(generated|content|input)|message|review|ticket", "UserContent"),
    (r"knowledge|document|wiki|manual", "KnowledgeBase"),
)


def guess(words: tuple[tuple[str, str], ...], *texts: str) -> str | None:
    """What the first matching word stands for; earlier texts weigh more than later ones."""
    return next(guesses(words, *texts), None)


def guesses(words: tuple[tuple[str, str], ...], *texts: str) -> Iterator[str]:
    """Everything that matching words stand for, the likeliest first."""
    for text in texts:
        lowered = text.lower().replace("_", " ")
        for pattern, meaning in words:
            if re.search(pattern, lowered):
                yield meaning


CONTROL_WORDS: tuple[tuple[str, str], ...] = (
    (r"adversarial.?train", "adversarial-training"),
    (r"sandbox|isolat", "sandboxing"),
    (r"rate.?limit|throttl|quota", "rate-limiting"),
    (r"confidence|round(ed|ing) (score|output)|output obfuscat", "output-obfuscation"),
    (r"hash|integrity of|verify.*(artifact|model)|checksum", "artifact-verification"),
    (r"sign(ed|ing)|signature", "code-signing"),
    (r"backup", "backups"),
    (r"sca scan|patch|vulnerab|harden", "patching"),
    (r"sca scan|patch|dependenc|librar", "dependency-pinning"),
    (r"\blog(s|ging)?\b|audit trail", "telemetry"),
    (r"monitor|alert|detect|edr|siem", "misuse-detection"),
    (r"encrypt.*rest|rest.*encrypt|encrypt.*(file|disk|storage)", "encryption-at-rest"),
    (r"\btls\b|https|encrypt.*transit|mtls", "encryption-in-transit"),
    (r"mfa|multi.?factor|passphrase|password|authentication", "strong-authentication"),
    (r"read.?only.*key|secret|key rotation|vault|credential", "secrets-management"),
    (r"acl|firewall|segment|network.?level|whitelist|allow.?list.*(ip|port)", "network-segmentation"),
    (r"(blob|storage|bucket|store).*access|access.*(blob|storage|bucket)", "store-access-control"),
    (r"access control|authoriz|authoris|rbac|least privilege", "access-control"),
    (r"input (filter|valid|sanit)|prompt (filter|shield)|guardrail", "input-guardrail"),
    (r"input (filter|valid|sanit)", "adversarial-detection"),
    (r"output (filter|encod|valid|sanit)", "output-encoding"),
    (r"human.*(review|approv|loop)", "human-approval"),
    (r"code review|peer review|pull request", "code-review"),
    (r"train(ing)?.*(staff|employee|people)|awareness", "security-training"),
    (r"incident", "incident-response"),
    (r"red.?team|penetration|pentest", "red-teaming"),
    (r"provenance|lineage", "dataset-provenance"),
    (r"sanitis|sanitiz|outlier|data clean", "data-sanitisation"),
    (r"resource|timeout|budget", "resource-limits"),
)


def unnamed(*texts: str) -> str:
    """What is said of a control whose counterpart in the catalogue only a person can name: by its words it may be one,
    but a word is no promise that it works.
    """
    found = guess(CONTROL_WORDS, *texts)
    may = f"; by its words it may be {found}" if found else ""
    return f"it counts for nothing until somebody names its control{may}"
