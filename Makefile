# Lerend netwerk: everything one does with this repository. `make help` lists it.

PYTHON ?= python3
HOST ?= 127.0.0.1
PORT ?= 8000
export HOST PORT

VENV := .venv
RUN := $(VENV)/bin/python
NODE := $(shell node -p 'parseInt(process.versions.node)' 2>/dev/null)
ASSETS := $(if $(shell [ "$(NODE)" -ge 20 ] 2>/dev/null && command -v npm),static/vendor/icons.svg,without-node)
CODE := backend tests bench migrations
ENGLISH := locale/en/LC_MESSAGES/messages.po
COMPILE := $(VENV)/bin/uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-emit-find-links --no-annotate --no-header -q

.DEFAULT_GOAL := help
.PHONY: help setup run test test-deep check fix messages lock migration bench without-node

help: ## what one can do here
	@grep -hE '^[a-z-]+:.*## ' Makefile | sed -E 's/^([a-z-]+):[^#]*## /  make \1	/' | expand -t 20

setup: $(VENV)/.dev $(ASSETS) ## everything for running, testing and changing the program

run: $(VENV)/.base $(ASSETS) ## the demo on http://127.0.0.1:8000 (HOST=… PORT=… for another address)
	@exec $(RUN) -m backend serve --prepare

test: setup ## the quick suite
	@$(RUN) -m tests

test-deep: setup ## all again on PostgreSQL; full numbers, races, every page examined
	@$(RUN) -m tests --deep

check: setup ## style, types, who may import whom, templates
	$(VENV)/bin/ruff check $(CODE)
	$(VENV)/bin/ruff format --check $(CODE)
	$(VENV)/bin/mypy
	$(VENV)/bin/lint-imports
	$(VENV)/bin/djlint templates --lint --quiet

fix: setup ## mend what can be mended by itself
	$(VENV)/bin/ruff check --fix $(CODE)
	$(VENV)/bin/ruff format $(CODE)

messages: $(VENV)/.dev ## bring the English catalogue up to date with the templates
	@template=$$(mktemp); $(VENV)/bin/pybabel -q extract -F babel.cfg -k ngettext:1,2 --no-location --sort-output -o $$template . \
		&& $(VENV)/bin/pybabel -q update -l en -i $$template -o $(ENGLISH) --no-fuzzy-matching --ignore-obsolete \
		--ignore-pot-creation-date --no-wrap; rm $$template
	@$(RUN) -m pytest -q tests/test_language.py

lock: $(VENV)/.dev ## exact versions with hashes, from pyproject.toml and package.json
	$(COMPILE) -o requirements/base.txt
	$(COMPILE) --extra dev -o requirements/dev.txt
	npm install --package-lock-only

migration: $(VENV)/.dev ## a migration from the models: make migration m="what changes"
	@test -n "$(m)" || { echo 'Zeg wat er verandert: make migration m="…"'; exit 2; }
	@scratch=$$(mktemp -d); export LN_DATA_DIR=$$scratch LN_DATABASE_URL=; $(VENV)/bin/alembic upgrade head \
		&& $(VENV)/bin/alembic revision --autogenerate -m "$(m)"; rm -r $$scratch
	$(VENV)/bin/ruff check -q --fix migrations/versions
	$(VENV)/bin/ruff format -q migrations/versions

bench: setup ## measurements; docs/performance.md keeps the figures
	$(RUN) -m bench

# ── the environment: stamps, so that a second time costs nothing ──

$(VENV)/.python:
	@PYTHON="$(PYTHON)" sh requirements/venv.sh $(VENV)

$(VENV)/.base: $(VENV)/.python requirements/base.txt
	@echo "Python-pakketten installeren …"
	@$(RUN) -m pip install -qq --disable-pip-version-check --require-hashes -r requirements/base.txt
	@touch $@

$(VENV)/.dev: $(VENV)/.python requirements/dev.txt
	@echo "Python-pakketten voor ontwikkelaars installeren …"
	@$(RUN) -m pip install -qq --disable-pip-version-check --require-hashes -r requirements/dev.txt
	@touch $@ $(VENV)/.base

node_modules/.done: package-lock.json
	@echo "Bestanden voor de browser installeren …"
	@if npm ci --silent; then touch $@; else rm -rf node_modules; $(MAKE) --no-print-directory without-node; fi

static/vendor/icons.svg: node_modules/.done static/icons.txt backend/assets.py
	@$(RUN) -c "from backend.assets import collect_vendor; collect_vendor()"

without-node:
	@echo "────────────────────────────────────────────────────────────────────────────────"
	@echo " LET OP: Node.js 20 of later is er niet, of npm kan niets ophalen. De bladzijden"
	@echo " werken zonder, maar zonder htmx, pictogrammen en eigen lettertype: elke klik laadt"
	@echo " de hele bladzijde. (No Node.js 20: pages work, without htmx, icons and own font.)"
	@echo "────────────────────────────────────────────────────────────────────────────────"
	@[ -z "$$LN_REQUIRE_ALL" ]
