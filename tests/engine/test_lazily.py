"""Work on several graphs goes on side by side, and that on one is done once."""

from __future__ import annotations

from threading import Barrier, Thread
from time import sleep

import pytest

from graphmodel.engine.lazily import lazily


class Graph:
    def __init__(self, meeting: Barrier | None = None) -> None:
        self.meeting, self.made = meeting, 0

    @lazily
    def tree(self) -> int:
        self.made += 1
        if self.meeting is not None:
            self.meeting.wait(timeout=20)  # which another object's work has to come to as well
        sleep(0.01)
        return self.made


def at_once(*graphs: Graph) -> list[int]:
    found: list[int] = []
    threads = [Thread(target=lambda one=one: found.append(one.tree)) for one in graphs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


def test_two_objects_do_not_wait_for_each_other() -> None:
    meeting = Barrier(2)
    assert at_once(Graph(meeting), Graph(meeting)) == [1, 1]


def test_one_object_is_worked_out_once_and_keeps_nothing_but_the_answer() -> None:
    graph = Graph()
    assert at_once(*[graph] * 8) == [1] * 8
    assert vars(graph) == {"meeting": None, "made": 1, "tree": 1}


def test_what_failed_is_tried_again() -> None:
    class Failing(Graph):
        @lazily
        def tree(self) -> int:
            self.made += 1
            if self.made == 1:
                raise KeyError("no time")
            return self.made

    graph = Failing()
    with pytest.raises(KeyError):
        _ = graph.tree
    assert graph.tree == 2
