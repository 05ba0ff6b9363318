# What a person does here. Needs only git, make, python3 (3.11 or later) and python3-venv;
# the rest is fetched into .venv, the first time and whenever pyproject.toml or a pin changes.
#
#   make run      the demo community in a browser          ARGS="--http-port 9000"
#   make test     Vitest, then pytest                      ARGS="tests/geo -x"
#   make check    everything static                        make format mends what it can
#   make audit    advisories on the packages we use        part of make check, told only
#   make bench    measures, writes docs/performance.md     ARGS="--small"
#   make simulate plays worlds in which everything fails   SEEDS=1000, SEEDS=A..B or SEED=n
#   make chaos    real faults against real processes       FAULTS="kill_hub" ROUNDS=3 SEED=n
#   make soak     an ordinary day, and what grows in it    HOURS=1 or MINUTES=5

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
PIP    := $(BIN)/python -m pip --disable-pip-version-check -q
ARGS   ?=

.DEFAULT_GOAL := run
.PHONY: run test check audit bench simulate chaos soak format clean page
.DELETE_ON_ERROR:

run: $(VENV)/installed
	@exec $(BIN)/yihu run $(ARGS)

# Vitest first, so that pytest's summary is the last line one reads.
test: $(VENV)/installed-dev
	$(BIN)/python hatch_build.py test
	$(BIN)/pytest $(ARGS)

check: $(VENV)/installed-dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python hatch_build.py check
	@$(BIN)/python -m tests.audit --advise

# Asks others over the network; ends with 1 where something is known, which make check does not.
audit: $(VENV)/installed-dev
	@$(BIN)/python -m tests.audit

bench: $(VENV)/installed-dev
	$(BIN)/python -m bench $(ARGS)

# WITHOUT="kill power" turns kinds of faults off (docs/simulation.md).
simulate: $(VENV)/installed-dev
	@$(BIN)/python -m tests.simulation $(if $(SEED),--seed $(SEED),$(or $(SEEDS),1000)) $(if $(WITHOUT),--without $(WITHOUT))

# Takes some fifty minutes; docs/reliability.md says what it does, ARGS="--list" names the faults.
chaos: $(VENV)/installed-dev
	@$(BIN)/python -m tests.chaos $(FAULTS) $(if $(ROUNDS),--rounds $(ROUNDS)) $(if $(SEED),--seed $(SEED)) $(ARGS)

# Table and drawing lie in build/soak; ARGS="--write" writes docs/reliability.md's part.
soak: $(VENV)/installed-dev
	@$(BIN)/python -m tests.soak $(if $(MINUTES),--minutes $(MINUTES),--hours $(or $(HOURS),1)) $(if $(SEED),--seed $(SEED)) $(ARGS)

format: $(VENV)/installed-dev
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

# All but data: the demo's journal in var/ stays.
clean:
	rm -rf $(VENV) build dist console/static console/web/node_modules .mypy_cache .ruff_cache .pytest_cache

page: $(VENV)/builder
	@$(BIN)/python hatch_build.py build

# The stamps. The builder comes first and by itself, so that it can build the page before Yihu
# is installed: pip then finds the page and fetches no Node for a build environment of its own.
$(VENV)/builder: constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Yihu needs Python 3.11 or later; say which: make PYTHON=python3.12")'
	@echo "Making $(VENV); the first time everything takes a minute or two ..."
	@$(PYTHON) -m venv $(VENV)
	@$(PIP) install -c constraints.txt hatchling
	@touch $@

$(VENV)/installed: $(VENV)/builder pyproject.toml | page
	@echo "Installing Yihu and what it needs into $(VENV) ..."
	@$(PIP) install -c constraints.txt -e .
	@touch $@

$(VENV)/installed-dev: $(VENV)/builder pyproject.toml | page
	@echo "Installing Yihu with its tools for tests into $(VENV) ..."
	@$(PIP) install -c constraints.txt -e '.[dev]'
	@touch $@ $(VENV)/installed
