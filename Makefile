# Needs python3 (3.11 or newer) with venv, and make. uv is used when it is there, never needed.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
UV := $(shell command -v uv 2>/dev/null)

# What `make test` leaves to `make test-all`: it asks for PostgreSQL, Redis, Chromium or a real
# Prefect server, or is a fault campaign of minutes.
OUTSIDE := postgres or redis or browser or prefect_e2e or slow
PYTEST := $(BIN)/python -m pytest -n 2 --dist loadgroup

# A command that compiles its libraries anew each time is a second late.
export UV_COMPILE_BYTECODE := 1
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help setup demo up test test-all check mutants faults bench format lock migration clean

help:  ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-16s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: $(VENV)/.setup  ## the environment alone, in .venv, from requirements.lock
	@echo "ready: $(BIN)/pdca --help"

demo: $(VENV)/.setup  ## a sample company, its year of PDCA, then the service on it (ARGS=--exit ends after the year)
	@exec $(BIN)/pdca demo $(ARGS)

up: $(VENV)/.setup  ## the service on your own data, in ./var or PDCA_HOME
	@exec $(BIN)/pdca up $(ARGS)

test: $(VENV)/.setup-test  ## every test that needs no outside service (ARGS="-k calendar")
	@$(PYTEST) -m "not ($(OUTSIDE))" $(ARGS)

test-all: $(VENV)/.setup-test  ## all tests: PostgreSQL, Redis, browser, Prefect end to end, fault campaigns
	@$(PYTEST) $(ARGS)

check: $(VENV)/.setup-test  ## format, lint, types, import contracts, migrations, each module imported first
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m tests.support.migration --check
	$(BIN)/python -W ignore -m tests.support.alone

mutants: $(VENV)/.setup-test  ## do the rules' tests notice a wrong rule? a quarter of an hour (ARGS="plan checker")
	@$(BIN)/python -m tests.support.mutants $(ARGS)

SEEDS ?= 2000
KILLS ?= 300
faults: $(VENV)/.setup-test  ## what escalation promises in spite of crashes, clocks, mail servers (SEEDS=, KILLS=)
	@$(BIN)/python -m tests.faults run --seeds $(SEEDS) --kills $(KILLS) $(ARGS)

bench: $(VENV)/.setup-test  ## figures, each beside its floor
	@$(BIN)/python -m bench $(ARGS)

format: $(VENV)/.setup-test  ## write the format that `make check` asks for
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

migration: $(VENV)/.setup-test  ## the next numbered script from the models (NAME=audit_programme)
	@test -n "$(NAME)" || { echo "say what it is for: make migration NAME=audit_programme" >&2; exit 2; }
	$(BIN)/python -m tests.support.migration "$(NAME)"

# Pins already in a lock are kept; ARGS="--upgrade-package jinja2" moves one.
LOCK := uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes \
	--no-strip-extras --no-header --no-annotate --all-extras --group build --quiet
lock:  ## for maintainers, needs uv: both locks from pyproject.toml (ARGS=--upgrade moves pins)
	$(LOCK) $(ARGS) -o requirements.lock
	$(LOCK) $(ARGS) --group test -c requirements.lock -o requirements-test.lock

clean:  ## forget the environment and every cache; data in ./var stays
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis build *.egg-info

# The environment. A stamp says which lock it was made from, so it is made again only when a lock
# has changed. The checkout itself is installed by a path entry: what you edit is what runs.
PIP := $(BIN)/python -m pip --disable-pip-version-check --no-input
EDITABLE := --no-deps --no-build-isolation --config-settings editable_mode=compat --editable .

define install
	@echo "environment from $(1), about a minute the first time …"
	@$(if $(UV),$(UV) pip install --quiet --no-deps --python $(BIN)/python --require-hashes -r $(1) ||) \
		$(PIP) install --quiet --no-deps --require-hashes -r $(1)
	@$(PIP) install --quiet $(EDITABLE)
endef

$(VENV)/.setup: requirements.lock | $(BIN)/python
	$(call install,requirements.lock)
	@touch $@

$(VENV)/.setup-test: requirements-test.lock | $(BIN)/python
	$(call install,requirements-test.lock)
	@touch $(VENV)/.setup $@

$(BIN)/python:
	@command -v $(PYTHON) >/dev/null || { echo "$(PYTHON) is not installed: install Python 3.11 or newer" >&2; exit 3; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "$(PYTHON) is `$(PYTHON) -V`: Python 3.11 or newer is needed (make PYTHON=python3.12 …)" >&2; exit 3; }
	@$(PYTHON) -m venv $(VENV) || \
		{ rm -rf $(VENV); echo "$(PYTHON) has no venv: on Debian, apt-get install python3-venv" >&2; exit 3; }
