# Two commands do everything on a fresh machine: `make run` and `make test`.
# They need Python 3.11 or later with venv, and make. Everything else is installed below .venv, pinned with hashes.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
DATA ?= demo-data
PORT ?= 8000
FRONTEND := src/abaque/web/frontend
export PIP_DISABLE_PIP_VERSION_CHECK = 1

.PHONY: run test check bench mutants crash year setup browser clean help

help: ## say what each command does
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

run: setup ## play six months of a SaaS and show what happened, then serve it (ONCE=1: exit after the table)
	@$(BIN)/abaque demo --data $(DATA) --port $(PORT) $(if $(ONCE),--once)

test: setup browser ## set everything up and pass all tests
	@$(BIN)/lint-imports --no-logo >/dev/null || $(BIN)/lint-imports
	@$(BIN)/ruff check src tests bench
	@$(BIN)/mypy
	@$(BIN)/coverage run -m pytest tests/core tests/stories
	@$(BIN)/coverage report --fail-under=99 || { $(BIN)/coverage report --show-missing; exit 1; }
	@$(BIN)/python -m pytest --ignore tests/core --ignore tests/stories

check: setup ## the fast loop: style, types, the laws of the house, the core
	@$(BIN)/ruff check src tests bench
	@$(BIN)/mypy
	@$(BIN)/python -m pytest tests/core tests/repo
	@$(BIN)/python -m tests.repo.sizes

bench: setup ## the benchmarks, each beside a floor measured in the same run
	@$(BIN)/python -m bench

mutants: setup ## change the rules of money one by one: does a test notice? (slow; survivors: mutmut results)
	@rm -rf mutants && $(BIN)/mutmut run --max-children 2

crash: setup ## kill -9 the door, the meter, PostgreSQL, the supervisor or all of them, 100 times: is all kept, once?
	@KILLS=100 $(BIN)/python -m pytest tests/app/test_crash.py -s

year: setup ## play years out of seeds (SEED=7, SEED=1-40): is every verdict, fate and figure what an auditor predicts?
	@SEED=$(or $(SEED),1-10) $(BIN)/python -m pytest tests/year/test_year.py --durations=0

setup: .make/python .make/frontend .make/locale

.make/python: requirements.lock pyproject.toml
	@mkdir -p .make
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Abaque needs Python 3.11 or later: make PYTHON=python3.12 …"; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || $(MAKE) --no-print-directory venv-package
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "Installing what requirements.lock names …"
	@$(BIN)/python -m pip install --quiet --require-hashes --only-binary :all: -r requirements.lock
	@$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

.PHONY: venv-package
venv-package:
	@if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	    apt-get update -qq && apt-get install -y -qq python3-venv >/dev/null; \
	else echo "Python's venv is missing. Install it first: sudo apt-get install python3-venv"; exit 1; fi

.make/frontend: .make/python $(FRONTEND)/package-lock.json $(shell find $(FRONTEND)/src $(FRONTEND)/*.js* $(FRONTEND)/*.mjs -type f 2>/dev/null)
	@echo "Building the front end …"
	@cd $(FRONTEND) && PATH="$(CURDIR)/$(VENV)/bin:$$PATH" $(CURDIR)/$(BIN)/python $(CURDIR)/tools/node.py npm ci --silent --no-audit --no-fund
	@cd $(FRONTEND) && $(CURDIR)/$(BIN)/python $(CURDIR)/tools/node.py npm run --silent build
	@$(BIN)/python -c 'from pathlib import Path; from abaque.documents.fonts import collect; collect(Path("$(FRONTEND)/node_modules"))'
	@touch $@

.make/locale: .make/python $(shell find src/abaque/web/locale -name '*.po')
	@$(BIN)/pybabel -q compile -D django -d src/abaque/web/locale
	@touch $@

browser:
	@command -v chromium >/dev/null || command -v chromium-browser >/dev/null || { \
	    if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	        echo "Installing chromium …"; apt-get update -qq && apt-get install -y -qq chromium >/dev/null; \
	    else echo "The tests open pages in chromium. Install it first: sudo apt-get install chromium"; exit 1; fi; }

clean: ## remove what make made; data folders stay
	@rm -rf $(VENV) .make $(FRONTEND)/node_modules src/abaque/web/static/build
