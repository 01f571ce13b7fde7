"""What patterns are bound to: the elements of a system by type, and the relations between them in both directions."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from graphmodel.binding.relations import Relations
from graphmodel.knowledge.vocabulary import Absence, Catalogue


@dataclass(frozen=True)
class Elements:
    """The types of all elements by id, their relations, and the trust of those zones of which it is known."""

    catalogue: Catalogue
    types: Mapping[str, str]
    relations: Relations
    trust: Mapping[str, int]

    def of(self, types: Sequence[str], excepted: tuple[str, ...]) -> set[str]:
        """The elements of any of these types and none of the excepted."""
        found = {one for name in types for one in self._by_type.get(name, ())}
        return {one for one in found if not self.catalogue.is_any(self.types[one], excepted)} if excepted else found

    @cached_property
    def _by_type(self) -> Mapping[str, Sequence[str]]:
        found: defaultdict[str, list[str]] = defaultdict(list)
        for element, type_name in self.types.items():
            for ancestor in self.catalogue.types[type_name].ancestors:
                found[ancestor].append(element)
        return found

    def near(self, relation: str, backwards: bool) -> Mapping[str, Mapping[str, set[str]]]:
        """A relation as subject, object and origins, or the other way round."""
        if not backwards:
            return self.relations.get(relation, {})
        if relation not in self._backwards:
            found: defaultdict[str, dict[str, set[str]]] = defaultdict(dict)
            for subject, targets in self.relations.get(relation, {}).items():
                for target, origins in targets.items():
                    found[target][subject] = origins
            self._backwards[relation] = found
        return self._backwards[relation]

    @cached_property
    def _backwards(self) -> dict[str, Mapping[str, Mapping[str, set[str]]]]:
        return {}

    def has(self, absence: Absence, origin: str, target: str | None = None) -> bool:
        """Whether a relation holds that must not."""
        ends = self.relations.get(absence.relation, {})
        if target is not None:
            return target in ends.get(origin, ())
        if not absence.types:
            return origin in ends
        return any(self.catalogue.is_any(self.types[one], absence.types) for one in ends.get(origin, ()))
