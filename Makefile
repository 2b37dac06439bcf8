# Each target sets up what it needs in .venv; a second call installs nothing.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
SEED ?= 1
# What `make mutants` tries; nothing for all
AREAS ?=
# What `make integrations` tries; nothing for all
PLUGS ?=
# Long checks (real training runs): `make test SLOW=1`
SLOW ?=
PYTEST_MARKERS = $(if $(SLOW),,-m "not slow")

.DEFAULT_GOAL := help

.PHONY: help
help:  ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(VENV)/installed: pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 10))' || \
	  { echo "Python 3.10 or newer is needed; name one: make $(MAKECMDGOALS) PYTHON=python3.12" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet -c constraints.txt -e '.[agents,code,dev]'
	@touch $@

$(VENV)/installed-docs: $(VENV)/installed
	$(BIN)/python -m pip install --quiet -c constraints.txt -e '.[docs]'
	@touch $@

.PHONY: demo
demo: $(VENV)/installed  ## Watch a tiny language model learn (SEED=1)
	$(BIN)/python -m baselines demo --seed $(SEED)

.PHONY: test
test: $(VENV)/installed  ## Lint, format check, type check, tests (SLOW=1: the long ones too)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python -m pytest -n auto --dist worksteal $(PYTEST_MARKERS) $(PYTEST_ARGS)

.PHONY: format
format: $(VENV)/installed  ## Format the code and fix what lint can fix
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

.PHONY: golden
golden: $(VENV)/installed  ## Pin the episodes anew (after a deliberate change of a generator)
	$(BIN)/python -m tests.golden

.PHONY: mutants
mutants: $(VENV)/installed  ## Put faults into the code: do the tests see them? (hours; AREAS="rewards grpo")
	$(BIN)/python -m tests.mutants $(AREAS)

.PHONY: bench
bench: $(VENV)/installed  ## Print the speed figures (peers are compared where installed)
	$(BIN)/python -m baselines.speed

.PHONY: integrations
integrations:  ## Test the plugs with the real packages, in environments of their own (PLUGS="trl")
	$(PYTHON) -m tests.integrations $(PLUGS)

.PHONY: docs
docs: $(VENV)/installed-docs  ## Build the documentation into site/
	$(BIN)/python -m docs.generate
	$(BIN)/sphinx-build --fail-on-warning --fresh-env --quiet -c docs -d build/doctrees docs/pages site

.PHONY: course
course: $(VENV)/installed-docs  ## Execute the sources of the course and write its notebooks anew
	$(BIN)/python -m docs.render_notebooks

.PHONY: clean
clean:  ## Remove what the other targets made (.venv, builds, caches; runs/ stays)
	rm -rf $(VENV) .venv-integrations build dist site *.egg-info .mypy_cache .pytest_cache .ruff_cache .hypothesis
