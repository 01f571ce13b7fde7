"""numba, which compiles the kernels, without what a file in the current directory would have it do."""

from __future__ import annotations

import numba
from numba.core import config

# numba takes its settings from a .numba_config.yaml wherever the program is started, and one of them is a
# directory of compiled code, which is loaded without a question. That directory may be anybody's.
config._config_fname = ""
config.reload_config()  # type: ignore[no-untyped-call]

__all__ = ["numba"]
