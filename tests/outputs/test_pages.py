"""Pages of the catalogue: one for each entry, and every link leads to one of them."""

from __future__ import annotations

import re
from pathlib import Path
from posixpath import dirname, join, normpath

from tests.cli.calls import run


def test_every_link_of_a_page_leads_to_a_page(tmp_path: Path) -> None:
    there = tmp_path / "pages"
    assert run("catalogue", "pages", str(there)).exit_code == 0
    pages = {str(one.relative_to(there)): one.read_text() for one in there.rglob("*.md")}
    for name, text in pages.items():
        for link in re.findall(r"\]\(([^)]*)\)", text):
            assert normpath(join(dirname(name), link)) in pages, (name, link)
    poisoning = pages["threats/rag-poisoning.md"]
    assert "(../controls/data-validation.md)" in poisoning
    assert "(../types/VectorStore.md)" in poisoning
    assert "The channel is there to take content from anybody" in pages["threats/content-from-outside.md"]
    assert "(../threats/rag-poisoning.md)" in pages["types/VectorStore.md"]
    assert "- spdx-3.0.1:AI/AIPackage AIPackage: broadMatch, confidence 0.9" in pages["types/Model.md"]
    assert (
        "nist-ai-100-2-e2025:NISTAML.033 Membership Inference: exactMatch" in pages["threats/membership-inference.md"]
    )
    again = run("catalogue", "pages", str(there))
    assert (again.exit_code, "not empty" in again.output) == (2, True)
