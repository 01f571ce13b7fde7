"""Cached properties whose work takes long, of many objects side by side in threads."""

from __future__ import annotations

from functools import cached_property
from threading import RLock
from typing import Any, Self, TypeVar, overload

T = TypeVar("T")


class lazily(cached_property[T]):  # noqa: N801 - named as what it stands for
    """A cached property of which only the same object waits for the work.

    Before Python 3.12 that of the standard library has one lock for all objects of a class, so that one waits for the
    work of another; since then it has none, so that the same work may be done twice.
    """

    @overload
    def __get__(self, instance: None, owner: type[Any] | None = None) -> Self: ...
    @overload
    def __get__(self, instance: object, owner: type[Any] | None = None) -> T: ...
    def __get__(self, instance: object, owner: type[Any] | None = None) -> Self | T:
        if instance is None or self.attrname is None:
            return self
        kept, waiting = instance.__dict__, f"{self.attrname} is worked out"
        try:
            with kept.setdefault(waiting, RLock()):
                if self.attrname not in kept:
                    kept[self.attrname] = self.func(instance)
        finally:
            kept.pop(waiting, None)
        found: T = kept[self.attrname]
        return found
