"""Tests work everything out: none takes an answer that another one, or the user of this machine, has kept."""

import os

os.environ["GRAPHMODEL_CACHE"] = "off"
