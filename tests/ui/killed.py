"""Saves answers and is killed: ``test_survival`` runs this program with a number of kills, in a process of its own.

Two writers at a time answer items of their own in one document, and say each answer that was saved. At a moment drawn
by chance both are killed; then the document must be whole, and hold every answer that was said to be saved, or the one
after it, which may have been saved and not said yet.
"""

from __future__ import annotations

import os
import random
import select
import signal
import sys
import time
from pathlib import Path

from graphmodel.answering import open_answers
from graphmodel.knowledge.ontology import load_catalogue
from graphmodel.knowledge.vocabulary import Catalogue
from graphmodel.posture.answers import Answer, AnswerStatus
from graphmodel.ui.answers import Change, Conflict, Refused, save

ITEMS = (("MS-5.4.1.g1", "MS-5.4.1.g2", "MS-5.4.1.g3"), ("MS-5.2.1.g1", "MS-5.2.1.g2", "MS-5.2.1.g3"))
LONGEST = 4  # times as long as an answer takes to be saved here, until the kill


def write(path: Path, catalogue: Catalogue, items: tuple[str, ...], first: int, said: int) -> None:
    """Answer the items in turn, each with the next number for a comment, and say each number once it is saved."""
    number, answered = first, open_answers(path if path.exists() else None, catalogue)
    os.write(said, f"{number}\n".encode())  # at work
    while True:
        number += 1
        answer = Answer(items[number % len(items)], AnswerStatus.MET, comment=str(number))
        found = save(answered, path, Change(answer=answer), catalogue)
        if isinstance(found, Refused | Conflict):
            os.write(said, f"{found}\n".encode())
            return
        answered = found.answered
        os.write(said, f"{number}\n".encode())


def held(path: Path, catalogue: Catalogue, items: tuple[str, ...]) -> int:
    """The last number in the document, which must be whole; the other items must have those before it."""
    answered = open_answers(path if path.exists() else None, catalogue)
    if answered.own is None:
        raise SystemExit(f"damaged: {answered.problems}")
    numbers = sorted(int(one.comment) for item in items if (one := answered.own.answers.get(item)) is not None)
    if numbers and numbers != list(range(numbers[-1] - len(numbers) + 1, numbers[-1] + 1)):
        raise SystemExit(f"an answer is lost: {numbers}")
    return numbers[-1] if numbers else 0


def main(path: Path, kills: int, seed: int) -> None:
    """Kill so many writers; exits with a message where anything is lost."""
    chance, done, saved = random.Random(seed), [0, 0], 0
    # What is loaded once is loaded before the children are made.
    catalogue, _ = load_catalogue()
    for name in ("first", "second"):
        began = time.monotonic()
        save(open_answers(None, catalogue), path.with_name(name), Change(profile="agents"), catalogue)
        took = time.monotonic() - began
    for _ in range(kills // 2):
        children = []
        for which, items in enumerate(ITEMS):
            ours, theirs = os.pipe()
            child = os.fork()
            if child == 0:
                os.close(ours)
                write(path, catalogue, items, done[which], theirs)
                os._exit(1)
            os.close(theirs)
            children.append((child, ours))
        for _, ours in children:
            select.select([ours], [], [], 10)
        time.sleep(chance.random() * LONGEST * took)
        for child, _ in children:
            os.kill(child, signal.SIGKILL)
        for which, (child, ours) in enumerate(children):
            os.waitpid(child, 0)
            with os.fdopen(ours, "rb") as stream:
                lines = stream.read().decode().splitlines()
            if any(not line.isdigit() for line in lines):
                raise SystemExit(f"not saved: {lines[-1]}")
            last, now = int(lines[-1]) if lines else done[which], held(path, catalogue, ITEMS[which])
            if now not in (last, last + 1):
                raise SystemExit(f"said to be saved: {last}; in the document: {now}")
            saved += now - done[which]
            done[which] = now
    print(f"{kills} kills, {saved} answers saved")


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
