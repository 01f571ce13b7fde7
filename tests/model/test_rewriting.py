"""A document brought to another state: what is the same stays as it was written, comments and order too."""

from __future__ import annotations

from dataclasses import replace

from graphmodel.model.rewriting import rewritten
from graphmodel.model.system import Asset, Flow, System
from graphmodel.model.writing import write_document
from graphmodel.workspace import model_from_bytes

DOCUMENT = """# our shop
graphmodel: 1
system: {id: shop, name: Shop}   # one line

# all that runs
assets:
  web: {type: WebApplication, name: "The shop", tags: [shop]}
  # goes away
  old:
    type: Application
    name: Old
    tags: [a]
  # the model, of which Ada knows
  llm:   # in a rack
    type: LanguageModelEndpoint
    name: 'Model'
    owner: Ada  # since May

flows:
  # asked by customers
  - {from: web, to: llm, two_way: true}
  - from: old
    to: llm
    name: nightly
  # the way back
  - from: llm
    to: web   # streaming
    name: answers
"""


def system(document: str) -> System:
    found = model_from_bytes(document.encode(), "x.yaml").system
    assert found is not None
    return found


def test_comments_order_and_spelling_stay() -> None:
    before = system(DOCUMENT)
    assert rewritten(DOCUMENT, before, before) == DOCUMENT
    assets = {one.id: one for one in before.assets if one.id != "old"}
    after = replace(
        before,
        assets=(
            replace(assets["web"], tags=("shop", "public")),
            Asset("db", "Rows", "Database"),
            assets["llm"],
        ),
        flows=(
            before.flows[0],
            replace(before.flows[2], name="replies", encrypted=True),
            Flow("web->db", "web", "db"),
        ),
    )
    text = rewritten(DOCUMENT, before, after)
    assert text is not None
    assert write_document(system(text)) == write_document(after)
    for line in DOCUMENT.splitlines():
        comment = line.partition("#")[2].strip()
        assert comment in text, comment
    assert '{type: WebApplication, name: "The shop", tags: [shop, public]}' in text
    assert "two_way: true" in text and "name: 'Model'" in text and "name: Old" not in text
    assert text.index("the model, of which Ada knows") < text.index("llm:   # in a rack")
    assert text.index("db:") < text.index("llm:   #") and text.index("the way back") < text.index("- from: llm")


def test_what_cannot_be_changed_piece_by_piece_is_none() -> None:
    before = system("graphmodel: 1\nsystem: {id: s, name: S}\nassets: {a: {type: Agent, name: A}}\n")
    after = replace(before, name="T")
    assert rewritten("- 1", before, after) is None
    assert rewritten("graphmodel: 1\nsystem: {name: S, name: S}\n", before, after) is None
