"""Threats and consequences of a catalogue; each is tested for whether it could ever fire."""

from __future__ import annotations

from collections.abc import Mapping

from graphmodel.knowledge.bodies import ZONE, any_parts, defended, read_body, short_body
from graphmodel.knowledge.records import Fields, Record, also
from graphmodel.knowledge.vocabulary import (
    ASSET,
    OTHER,
    ActorKind,
    Area,
    AssetType,
    Attack,
    Capability,
    Maturity,
    Range,
    Relation,
    Technique,
    ThreatPattern,
)
from graphmodel.reading.problems import nearest
from graphmodel.reading.values import brief

_WORDS = {"theAsset": ASSET, "theOther": OTHER}


def read_pattern(
    fields: Fields,
    record: Record,
    types: Mapping[str, AssetType],
    relations: Mapping[str, Relation],
    techniques: Mapping[str, Technique],
) -> ThreatPattern | None:
    """The threat or consequence that a record describes; None where it is not sound or could never fire."""
    before = fields.errors.count
    propagation = record.kind == "rule"
    on = fields.names(record, "on", types, "asset type")
    other = fields.names(record, "other", types, "asset type")
    via = fields.names(record, "via", relations, "relation")
    gains = fields.word(record, "gains", Capability)
    needs = fields.words(record, "needs", Capability)
    other_needs = fields.words(record, "otherNeeds", Capability)
    chance, maturity = fields.number_range(record, "chance"), fields.word(record, "maturity", Maturity)
    prevalence = record.values.get("prevalence", [1.0])[0]
    area, attack = fields.word(record, "area", Area), fields.word(record, "attack", Attack)
    by = fields.words(record, "by", ActorKind)
    named = frozenset(_WORDS.get(str(one), str(one)) for one in record.values.get("defendedOn", ()))
    body = read_body(fields, record, on, types, relations)
    ends = {ASSET, *(one.name for one in body.parts), *((OTHER,) if not record.values.get("part") else ())}
    pinned = fields.names(record, "technique", techniques, "technique")
    checks: list[tuple[bool, str, str, str]] = [
        (
            not on and not record.values.get("on"),
            "on",
            "the pattern does not say on which asset types it works.",
            "Add the types.",
        ),
        (
            gains is None and not record.values.get("gains"),
            "gains",
            "the pattern gains nothing.",
            "Say which capability it gains.",
        ),
        (
            not record.values.get("needs")
            and not record.values.get("otherNeeds")
            and not any(isinstance(one, Mapping) and one.get("needs") for one in record.values.get("part", ())),
            "needs",
            "the pattern needs nothing, so it would be true of every asset.",
            "Say what the attacker must hold, on the asset or on the other.",
        ),
        (len(via) > 1, "via", "“via” takes one relation.", "Write parts, and how they are related under “where”."),
        (
            bool(record.values.get("part")) and any(record.values.get(one) for one in ("via", "other", "otherNeeds")),
            "part",
            "a pattern has either parts or “via” and “other”.",
            "Write the other asset as a part too.",
        ),
        (
            bool(record.values.get("via")) != bool(record.values.get("other")),
            "via",
            "“via” and “other” belong together.",
            "Give the relation and the types at its other end, or neither.",
        ),
        (
            bool(record.values.get("otherNeeds")) and not record.values.get("via") and not record.values.get("part"),
            "otherNeeds",
            "there is no other asset in this pattern.",
            "Add “via” and “other”, or use “needs”.",
        ),
        (
            bool(record.values.get("via")) and not record.values.get("otherNeeds"),
            "otherNeeds",
            "nothing is needed on the other asset, so the relation alone would do.",
            "Say which capability over the other asset is needed.",
        ),
        (
            not propagation and chance is None and maturity is None and not {"chance", "maturity"} & set(record.values),
            "maturity",
            "the threat has neither maturity nor chance.",
            "Give one of the two.",
        ),
        (
            not isinstance(prevalence, int | float) or isinstance(prevalence, bool) or not 0 < prevalence <= 1,
            "prevalence",
            "the prevalence is not a share above 0 and up to 1.",
            "Write a number such as 0.5.",
        ),
        (
            not propagation and area is None and "area" not in record.values,
            "area",
            "the threat names no lifecycle area.",
            nearest("", Area),
        ),
        (
            not propagation and attack is None and "attack" not in record.values,
            "attack",
            "the threat names no class of attack.",
            nearest("", Attack),
        ),
        (
            bool(named - ends) and (not record.values.get("part") or bool(body.parts)),
            "defendedOn",
            "a threat is defended on the asset or on the other."
            if not body.parts
            else f"a threat is defended on its parts, and “{brief(min(named - ends, default=''))}” is none.",
            "Use asset, other, or both." if not body.parts else f"Use {', '.join(sorted(ends))}.",
        ),
    ]
    for wrong, place, message, fix in checks:
        if wrong:
            fields.error(record, place, message, fix)
    excepted = fields.names(record, "except", types, "asset type")
    for at, place, held in (
        (on, "needs", [*needs, *([gains] if gains else [])]),
        (other, "otherNeeds", other_needs),
    ):
        if ZONE in at and any(one is not Capability.REACH for one in held):
            fields.error(record, place, "over a zone there is only the capability reach.", "Use reach.")
    if via and on and other and fields.errors.count == before:
        relation = relations[via[0]]
        for at, end, what in ((on, relation.subject, "on"), (other, relation.object, "other")):
            if end not in also(types, at):
                message = (
                    f"the pattern can never fire: nothing of type {', '.join(at)} stands at that end of "
                    f"{via[0]} ({end})."
                )
                fields.error(record, what, message, "Correct the types or the relation.")
    if fields.errors.count > before or gains is None:
        return None
    if via:
        body = short_body(via[0], other, tuple(sorted(set(other_needs))), body.unless)
    parts, defended_on = defended(body, named, any_parts(record))
    trial_of = fields.texts(record, "trialOf")
    apart = {one.name for one in parts if one.each}
    if not apart.issuperset(trial_of):
        message = f"“{brief(min({*trial_of} - apart))}” is no part that tells the steps of the pattern apart."
        fields.error(record, "trialOf", message, f"Use {', '.join(sorted(apart)) or 'none'}.")
        return None
    return ThreatPattern(
        id=record.id,
        name=fields.text(record, "label", record.id),
        meaning=fields.text(record, "comment"),
        area=area,
        attack=attack,
        asset_types=on,
        gains=gains,
        needs=tuple(sorted(set(needs))),
        except_types=excepted,
        parts=parts,
        links=body.links,
        unless=body.unless,
        by=tuple(one for one in ActorKind if one in by),
        propagation=propagation,
        maturity=maturity,
        prevalence=float(prevalence),
        chance=chance if chance is not None or not propagation else Range.point(1.0),
        trial=fields.text(record, "trial"),
        trial_of=trial_of,
        techniques=tuple(techniques[one] for one in pinned),
        defended_on=defended_on,
        basis=fields.text(record, "basis"),
        source=fields.text(record, "source"),
        maturity_basis=fields.text(record, "maturityBasis"),
        without_control=fields.text(record, "withoutControl"),
        synonyms=fields.texts(record, "synonyms"),
    )
