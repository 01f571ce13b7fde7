"""XML of strangers, JSON with comments, YAML of several documents, and addresses."""

from __future__ import annotations

import json
import time

import pytest

from graphmodel.reading.addresses import Address, address
from graphmodel.reading.json_text import read_json, without_comments
from graphmodel.reading.problems import UnreadableError
from graphmodel.reading.xml_text import looks_like_xml, read_xml
from graphmodel.reading.yaml_text import read_yaml_documents


def test_elements_of_xml_know_their_lines() -> None:
    found = read_xml(b'<?xml version="1.0"?>\n<a>\n  <b x="1"/>\n</a>', "f.xml")
    assert [(one.tag, line) for one, line in found.lines.items()] == [("a", 2), ("b", 3)]
    problem = found.problem("warning", found.root[0], "odd.")
    assert (problem.line, problem.path, problem.file) == (3, "b", "f.xml")


@pytest.mark.parametrize(
    "data",
    [
        b'<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>',
        b'<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>',
        b'<!DOCTYPE a [<!ENTITY a "1234567890"><!ENTITY b "&a;&a;&a;">]><a>&b;</a>',
        b"<a><b></a>",
        b"",
        b"<a>" * 1_000,
        b'<?xml version="1.0" encoding="no-such"?><a/>',
        b"<a>\xff</a>",
        b"\xff\xfe<\x00a",
    ],
)
def test_xml_that_is_refused(data: bytes) -> None:
    with pytest.raises(UnreadableError):
        read_xml(data, "f.xml")


def test_what_begins_as_xml_does() -> None:
    assert looks_like_xml(b'\xef\xbb\xbf<?xml version="1.0"?><a/>') and looks_like_xml(b"\n<mxfile >")
    assert not looks_like_xml(b"a: <b>") and not looks_like_xml(b"< 5")


def test_json_with_comments_keeps_its_lines() -> None:
    data = b'// first\n{"a": "http://x/*", /* two\n lines */ "b": [1, 2, /* z */ ], // last\n "c": "\\"//",\n}'
    plain = without_comments(data)
    assert len(plain) == len(data) and plain.count(b"\n") == data.count(b"\n")
    found = read_json(plain, "f.json")
    assert found.value == {"a": "http://x/*", "b": [1, 2], "c": '"//'}
    assert found.line_of(("c",)) == 4


@pytest.mark.parametrize("piece", [b"/*", b'"\\', b",/*", b", ", b'"', b"//\n", b'"a",'])
def test_comments_take_linear_time(piece: bytes) -> None:
    before = time.process_time()
    without_comments(piece * (1_000_000 // len(piece)))
    assert time.process_time() - before < 5


def test_all_documents_of_a_yaml_file() -> None:
    found = read_yaml_documents(b"a: &x 1\n---\n---\nb: 2\n---\n- c\n", "f.yaml")
    assert [(one.value, one.line_of(())) for one in found] == [({"a": 1}, 1), ({"b": 2}, 4), (["c"], 6)]
    with pytest.raises(UnreadableError):
        read_yaml_documents(b"a: &x 1\n---\nb: *x\n", "f.yaml")
    with pytest.raises(UnreadableError):
        read_yaml_documents(b"a: [\n", "f.yaml")


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("https://Api.Example.com:8443/v1", Address("https", "api.example.com", 8443, "/v1")),
        ("postgres://me:hunter2@db:5432/x", Address("postgres", "db", 5432, "/x")),
        ("ollama:11434", Address("", "ollama", 11434, "")),
        ("http://[::1]:80", Address("http", "::1", 80, "")),
        ("http://x:${PORT}/a", Address("http", "x", None, "/a")),
        ("http://[", None),
        ("", None),
    ],
)
def test_addresses(text: str, wanted: Address | None) -> None:
    assert address(text) == wanted


def test_addresses_of_the_own_machine_and_of_encrypted_services() -> None:
    for text, local, encrypted in (
        ("http://localhost", True, False),
        ("https://127.0.0.2/x", True, True),
        ("0.0.0.0:80", True, None),
        ("rediss://cache", False, True),
        ("http://10.0.0.1", False, False),
    ):
        found = address(text)
        assert found is not None and (found.local, found.encrypted) == (local, encrypted), text


def test_lines_of_json_are_those_of_its_places() -> None:
    said = '\ufeff{\n\t"a\\"}": [1,\n\n {"b": "x]\\n"}, [],\n 5e9],\n "n": {}, "big": %s\n}' % ("9" * 5_000)
    for data in (said.encode(), said.removeprefix("\ufeff").encode("utf-16")):
        text = read_json(data, "x.json")
        places: dict[tuple[str | int, ...], int] = {
            (): 1, ('a"}',): 2, ('a"}', 0): 2, ('a"}', 1): 4, ('a"}', 1, "b"): 4, ('a"}', 2): 4, ('a"}', 3): 5,
            ("n",): 6, ("n", "nothing"): 6, ('a"}', 7, "b"): 2, ("big",): 6,
        }  # fmt: skip
        assert {place: text.line_of(place) for place in places} == places


def test_lines_of_a_large_document_cost_little() -> None:
    deep = '{"k":' * 50 + json.dumps([{"id": n} for n in range(20_000)]) + "}" * 50
    text = read_json(deep.encode(), "x.json")
    before = time.process_time()
    for depth in range(50):
        assert text.line_of(("k",) * depth + ("none", 3)) == 1
    assert time.process_time() - before < 3
