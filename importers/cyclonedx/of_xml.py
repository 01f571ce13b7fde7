"""The XML form of a bill of materials as the JSON form would say it, with the lines of its elements."""

from __future__ import annotations

from typing import Any
from xml.etree.ElementTree import Element

from graphmodel.reading.values import Place
from graphmodel.reading.xml_text import XmlText, local

LISTS = frozenset({
    "components", "services", "externalReferences", "endpoints", "datasets", "vulnerabilities", "ratings", "affects",
    "properties", "authors", "cwes",
})  # fmt: skip
PASSED_OVER = frozenset({"signature", "hashes", "licenses", "text", "content", "graphics", "evidence", "pedigree"})
TRUTHS = frozenset({"authenticated", "x-trust-boundary"})


def value_of(xml: XmlText, lines: dict[Place, int]) -> dict[str, Any]:
    """The document as a value; a place in ``lines`` is that of the value."""
    found = _value(xml, xml.root, (), lines)
    return found if isinstance(found, dict) else {}


def _value(xml: XmlText, element: Element, place: Place, lines: dict[Place, int]) -> Any:
    lines[place] = xml.lines.get(element, 0)
    name = local(element.tag)
    if name in LISTS:
        inner = [one for one in element if local(one.tag)]
        return [_value(xml, one, (*place, order), lines) for order, one in enumerate(inner)]
    if name == "dependencies":
        return [_dependency(one) for one in element if local(one.tag) == "dependency"]
    if name == "data" and any(local(one.tag) in ("classification", "dataflow") for one in element):
        return [_data(one) for one in element if local(one.tag) in ("classification", "dataflow")]
    found: dict[str, Any] = {key: value for key, value in element.items() if not key.startswith("{")}
    for one in element:
        inner_name = local(one.tag)
        if inner_name and inner_name not in PASSED_OVER and inner_name not in found:
            found[inner_name] = _value(xml, one, (*place, inner_name), lines)
    text = (element.text or "").strip()
    if name == "ref" and place and isinstance(place[-1], int):
        return {"ref": text}
    if not len(element) and not found:
        return text == "true" if name in TRUTHS else text
    if text and "value" not in found:
        found["value"] = text
    return found


def _dependency(element: Element) -> dict[str, Any]:
    inner = [one.get("ref", "") for one in element if local(one.tag) == "dependency"]
    return {"ref": element.get("ref", ""), "dependsOn": inner}


def _data(element: Element) -> dict[str, Any]:
    inner = next((one for one in element if local(one.tag) == "classification"), element)
    flow = inner.get("flow") or element.get("flow") or ""
    return {"flow": flow, "classification": (inner.text or "").strip(), "name": element.get("name", "")}
