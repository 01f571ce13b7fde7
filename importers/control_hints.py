"""Which control of the catalogue a title may mean: a hint for whoever names it, and never a credit."""

from __future__ import annotations

import re

_WORDS: tuple[tuple[str, str], ...] = (
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


def hint(*texts: str) -> str | None:
    """The control that the first matching word may mean; earlier texts weigh more than later ones."""
    for text in texts:
        lowered = text.lower().replace("_", " ")[:2_000]
        for pattern, control in _WORDS:
            if re.search(pattern, lowered):
                return control
    return None


def unnamed(*texts: str) -> str:
    """What is said of a control whose counterpart in the catalogue only a person can name: by its words it may be one,
    but a word is no promise that it works.
    """
    found = hint(*texts)
    may = f"; by its words it may be {found}" if found else ""
    return f"it counts for nothing until somebody names its control{may}"
