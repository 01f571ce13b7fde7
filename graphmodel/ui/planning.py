"""A planner that several pages ask, and the time that each question to it may take."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field

from graphmodel.planning.plan import Plan, Planner
from graphmodel.ui.jobs import SearchTime


@dataclass
class Planning:
    """A planner with the time for each question to it; what was worked out serves the next one."""

    planner: Planner
    limit: SearchTime
    lock: threading.Lock = field(default_factory=threading.Lock)

    def plan(self, budget: float | None) -> Plan:
        with self.lock:
            self.limit.begin()
            return self.planner.plan(budget)
