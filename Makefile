# Every target sets up what it needs. Only Python 3.11+, make and a browser are assumed.
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
FRONT := widget_frontend
DEMO_ARGS ?=
LOCK = $(BIN)/uv pip compile --upgrade --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url --no-annotate
# A file's tests stay together: some share a running demo or a browser.
PYTEST_ARGS ?= -n 2 --dist loadfile
# The machine's Node.js if it is new enough, else the one that the lock file brings as a wheel.
NODE_IS_NEW := $(shell node -e 'const [a, b] = process.versions.node.split(".").map(Number); process.exit(a > 22 || (a === 22 && b >= 12) ? 0 : 1)' 2>/dev/null && echo yes)
ifneq ($(NODE_IS_NEW),yes)
NPM = PATH="$(CURDIR)/$(BIN):$$PATH" npm --prefix $(FRONT)
else
NPM = npm --prefix $(FRONT)
endif
NPM_IN = $(subst --prefix $(FRONT),--prefix $(1),$(NPM))
CLIENTS := $(patsubst tests/sandbox/%/clients/requirements.lock,build/clients/%/.installed,$(wildcard tests/sandbox/*/clients/requirements.lock))
CLIENTS += $(patsubst tests/sandbox/%/clients/package-lock.json,build/clients/%/node_modules/.installed,$(wildcard tests/sandbox/*/clients/package-lock.json))
FRONT_SOURCES := $(shell find $(FRONT) -type f -not -path '*/node_modules/*' 2>/dev/null)

.PHONY: demo test check bench serve setup frontend clients types screenshots lock clean

demo: setup frontend ## sandbox CRM + Stepgate, installed and filled, in a browser
	@$(BIN)/stepgate demo $(DEMO_ARGS)

test: setup frontend clients check ## everything that must hold
	$(NPM) run --silent test
	$(BIN)/python -m pytest $(PYTEST_ARGS)

check: setup $(FRONT)/node_modules/.installed ## style, types, layers
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(NPM) run --silent typecheck
	$(NPM) run --silent lint

bench: setup ## speed, as ratios against a bare limit of the same run
	$(BIN)/python -m tests.load.bench

serve: setup frontend .env ## Stepgate on this machine
	$(BIN)/stepgate migrate
	$(BIN)/stepgate serve

screenshots: setup frontend ## the pictures of docs/
	$(BIN)/python -m tests.browser.screenshots

types: setup ## API types of the page from the application's own description
	@mkdir -p build
	$(BIN)/python -m app.openapi > build/openapi.json
	$(NPM) run --silent types

clients: $(CLIENTS) ## published clients of the CRMs, each CRM's in an environment of its own

lock: ## renew the lock files
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	$(LOCK) pyproject.toml -o requirements.lock
	printf 'setuptools>=80\nwheel\n' | $(LOCK) --extra dev pyproject.toml - -o requirements-dev.lock
	for each in tests/sandbox/*/clients/requirements.in; do $(LOCK) $$each -o $${each%.in}.lock; done

setup: $(STAMP)

frontend: app/web/.built

$(STAMP): requirements-dev.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Stepgate needs Python 3.11 or newer: make PYTHON=/path/to/python3.11"; exit 1; }
	@echo "Setting up Python packages in $(VENV), once: about a minute …"
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

$(FRONT)/node_modules/.installed: $(FRONT)/package-lock.json $(STAMP)
	@echo "Setting up the page's packages, once …"
	@$(NPM) ci --no-audit --no-fund --loglevel=error
	@touch $@

build/clients/%/.installed: tests/sandbox/%/clients/requirements.lock $(STAMP)
	@echo "Setting up libraries of $* that judge its sandbox, once …"
	@$(BIN)/python -m venv build/clients/$*
	@build/clients/$*/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $<
	@touch $@

build/clients/%/node_modules/.installed: tests/sandbox/%/clients/package-lock.json tests/sandbox/%/clients/package.json $(STAMP)
	@echo "Setting up Node.js libraries of $* that judge its sandbox, once …"
	@mkdir -p build/clients/$*
	@cp $< $(word 2,$^) build/clients/$*/
	@$(call NPM_IN,build/clients/$*) ci --no-audit --no-fund --loglevel=error
	@touch $@

app/web/.built: $(FRONT)/node_modules/.installed $(FRONT_SOURCES)
	@echo "Building the page …"
	@$(NPM) run --silent build >/dev/null
	@touch $@

.env: | $(STAMP)
	@umask 077; echo "STEPGATE_SECRET_KEYS=$$($(BIN)/stepgate keygen)" > .env
	@echo "Wrote .env with a fresh secret key. docs/configuration.md lists what else can be set."

clean: ## forget everything that was built
	rm -rf $(VENV) $(FRONT)/node_modules app/web build var
