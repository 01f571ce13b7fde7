"""Answers as plain JSON values, and back: read by the declared types of the answer, and refused where they differ."""

from __future__ import annotations

import base64
import binascii
import math
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from enum import Enum
from fractions import Fraction
from functools import cache
from types import NoneType, UnionType
from typing import Any, get_args, get_origin, get_type_hints

import numpy as np
from numpy.typing import NDArray

from graphmodel.engine.estimates import METHODS, Estimate

Read = Callable[[Any], Any]
_ROUNDING = 1e-9  # of a sum, beside that of its ends


def plain(value: Any) -> Any:
    """An answer as a value of JSON; raises ``TypeError`` for what is no plain value."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, Enum):
        return value.name
    if isinstance(value, str):
        return value
    if isinstance(value, int):
        return int(value)
    if isinstance(value, float):
        return float(value)
    if isinstance(value, np.generic):
        return plain(value.item())
    if isinstance(value, Fraction):
        return [value.numerator, value.denominator]
    if isinstance(value, np.ndarray):
        if value.dtype != np.float64 or value.ndim != 1:
            raise TypeError(f"arrays are kept as rows of doubles, not as {value.dtype} in {value.ndim} dimensions")
        return base64.b64encode(value.astype("<f8").tobytes()).decode("ascii")
    if is_dataclass(value):
        return [plain(getattr(value, one.name)) for one in fields(value)]
    if isinstance(value, Mapping):
        return [[plain(key), plain(one)] for key, one in value.items()]
    if isinstance(value, frozenset):
        return sorted((plain(one) for one in value), key=repr)
    if isinstance(value, tuple):
        return [plain(one) for one in value]
    raise TypeError(f"a {type(value).__name__} is not kept")


def answer(kind: Any, value: Any) -> Any:
    """The answer of this type that a value of JSON stands for; raises ``ValueError`` where it stands for none."""
    try:
        return _reader(kind)(value)
    except (TypeError, OverflowError, binascii.Error) as error:
        raise ValueError(str(error)) from error


@cache
def _reader(kind: Any) -> Read:
    """What reads values of a type. Raises ``TypeError`` for types that are not kept."""
    origin, inner = get_origin(kind), get_args(kind)
    if kind in (str, bool, NoneType):
        return lambda value: _exactly(kind, value)
    if kind is int:
        return lambda value: _exactly(int, value)
    if kind is float:  # a sum of nothing is the whole number 0
        return lambda value: value if type(value) is int else _number(_exactly(float, value))
    if kind is Fraction:
        return lambda value: Fraction(*(_exactly(int, one) for one in _row(value, 2)))
    if origin is np.ndarray:
        return _array
    if isinstance(kind, type) and issubclass(kind, Enum):
        return lambda value: _member(kind, value)
    if isinstance(kind, type) and is_dataclass(kind):
        return _dataclass_reader(kind)
    if origin is UnionType or str(origin) == "typing.Union":
        (own,) = [one for one in inner if one is not NoneType]
        return lambda value: None if value is None else _reader(own)(value)
    if origin is tuple and len(inner) == 2 and inner[1] is ...:
        return lambda value: tuple(map(_reader(inner[0]), _row(value)))
    if origin is tuple:
        readers = [_reader(one) for one in inner]
        return lambda value: tuple(read(one) for read, one in zip(readers, _row(value, len(readers)), strict=True))
    if origin is frozenset:
        return lambda value: frozenset(map(_reader(inner[0]), _row(value)))
    if origin is not None and issubclass(origin, Mapping):
        read = _reader(tuple[inner])  # type: ignore[valid-type]
        return lambda value: dict(map(read, _row(value)))
    raise TypeError(f"{kind} is not kept")


def _dataclass_reader(kind: Any) -> Read:
    hints = get_type_hints(kind)
    readers = [_reader(hints[one.name]) for one in fields(kind)]
    check = _sound_estimate if kind is Estimate else lambda one: one
    return lambda value: check(kind(*(read(one) for read, one in zip(readers, _row(value, len(readers)), strict=True))))


def _number(value: float) -> float:
    """A number that something can be reckoned with."""
    if not math.isfinite(value):
        raise ValueError("no finite number")
    return value


def _array(value: Any) -> NDArray[np.float64]:
    found = np.frombuffer(base64.b64decode(_exactly(str, value), validate=True), "<f8").astype(float)
    if not np.isfinite(found).all():
        raise ValueError("no finite number")
    return found


def _sound_estimate(one: Estimate) -> Estimate:
    """An estimate whose number may be where it says that it is."""
    parts = (one.value, one.low, one.high)
    slack = _ROUNDING * max(map(abs, parts))
    if not all(map(math.isfinite, parts)) or one.method not in METHODS:
        raise ValueError("no estimate")
    if not one.low - slack <= one.value <= one.high + slack:
        raise ValueError("a number outside its interval")
    return one


def _exactly(kind: type, value: Any) -> Any:
    if type(value) is not kind:
        raise ValueError(f"{type(value).__name__} in place of {kind.__name__}")
    return value


def _member(kind: type[Enum], value: Any) -> Enum:
    if not isinstance(value, str) or value not in kind.__members__:
        raise ValueError(f"no {kind.__name__}")
    return kind[value]


def _row(value: Any, length: int | None = None) -> list[Any]:
    if type(value) is not list or (length is not None and len(value) != length):
        raise ValueError("another number of parts")
    return value
