# `make app` opens the app on an example system; `make test` runs the tests that need no server, no
# browser and no patience; `make bench` measures. Each makes its own virtual environment first, and needs only Python 3.11 or newer.
PYTHON ?= $(shell for one in python3.13 python3.12 python3.11 python3 python; do \
	command -v $$one >/dev/null 2>&1 && $$one -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo $$one; break; }; done)
VENV := .venv
BENCH := .venv-bench
BIN := $(VENV)/bin
PRECOMPILE = echo 'Compiling what computes, once: half a minute.' && $(BIN)/graphmodel precompile

.PHONY: app test bench clean
.DEFAULT_GOAL := help

help:
	@echo 'make app    open the app on an example system'
	@echo 'make test   run the tests, in about five minutes; .ci/run runs all there are'
	@echo 'make bench  measure the engines beside others and write docs/benchmarks.md; ARGS=--quick for a small run'

app: $(VENV)/app.done
	@echo 'Opening the app; Ctrl-C ends it.'
	@$(BIN)/graphmodel app

test: $(VENV)/test.done
	@echo 'Running the tests: about five minutes on two processors.'
	@$(BIN)/python -m pytest -m 'not browser and not store and not slow' -n auto --dist worksteal

# The peers want other versions of things than the program, so they have an environment of their own.
bench: $(BENCH)/bench.done
	$(BENCH)/bin/python -m benchmarks $(ARGS)

$(BENCH)/bench.done: pyproject.toml
	@test -n '$(PYTHON)' || { echo 'Python 3.11 or newer is needed; install it, or say PYTHON=/path/to/python.'; exit 1; }
	@echo 'Installing the program and the peers it is measured beside into $(BENCH): a minute or two.'
	@$(PYTHON) -m venv $(BENCH)
	@$(BENCH)/bin/python -m pip install --quiet --upgrade pip
	@$(BENCH)/bin/python -m pip install --quiet --editable '.[bench]'
	@touch $@

$(BIN)/python:
	@test -n '$(PYTHON)' || { echo 'Python 3.11 or newer is needed; install it, or say PYTHON=/path/to/python.'; exit 1; }
	@echo 'Making a virtual environment with $(PYTHON) in $(VENV): a few seconds.'
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --upgrade pip

$(VENV)/app.done: $(BIN)/python pyproject.toml
	@echo 'Installing the program and what it needs into $(VENV): 1.1 GB, a minute or two.'
	@$(BIN)/python -m pip install --quiet --editable .
	@$(PRECOMPILE)
	@touch $@

$(VENV)/test.done: $(BIN)/python pyproject.toml
	@echo 'Installing the program, what it needs and what tests it into $(VENV): 1.5 GB, a minute or two.'
	@$(BIN)/python -m pip install --quiet --editable '.[cluster,dev]'
	@$(PRECOMPILE)
	@touch $@

clean:
	rm -rf $(VENV) $(BENCH) build dist *.egg-info
