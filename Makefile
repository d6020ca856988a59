# Muster's commands. `make run` is all a first look needs; README.md tells the rest.
.DEFAULT_GOAL := run
.PHONY: install run test lint bench audit format

PYTHON ?= $(shell for p in python3.12 python3.11 python3; do command -v $$p >/dev/null && $$p -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
BIN := .venv/bin
CUSTOMERS ?= 10000000
export PIP_DISABLE_PIP_VERSION_CHECK = 1

.venv/made:
	@test -n "$(PYTHON)" || { echo "Muster needs Python 3.11 or newer with venv. Install it, or name it: make PYTHON=/path/to/python" >&2; exit 1; }
	@$(PYTHON) -m venv .venv
	@touch $@

.venv/runtime: .venv/made requirements.txt
	@echo "Installing what Muster stands on: about a minute, once."
	@$(BIN)/pip install -q -r requirements.txt
	@touch $@

.venv/development: .venv/runtime requirements-dev.txt
	@$(BIN)/pip install -q -r requirements-dev.txt
	@touch $@

install: .venv/runtime  ## .venv with the pinned dependencies

run: install  ## everything on this machine; PORT=… moves it
	@exec $(BIN)/python -m config.start

test: .venv/development  ## the whole suite; DATABASE_URL=postgres://… for PostgreSQL
	@$(BIN)/pytest -n auto --dist loadfile -q $(ARGS)

lint: .venv/development
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy .
	@$(BIN)/djlint templates --lint --quiet
	@find templates -name '*.html' -exec $(BIN)/djade --target-version 5.2 --check {} +
	@$(BIN)/python manage.py makemigrations --check --dry-run
	@PRODUCTION=1 SECRET_KEY=$$($(BIN)/python -c 'import secrets; print(secrets.token_hex(32))') ENCRYPTION_KEYS=only-for-this-check \
	  ALLOWED_HOSTS=muster.example.com $(BIN)/python manage.py check --deploy --fail-level WARNING

format: .venv/development
	@$(BIN)/ruff check --fix -q . ; $(BIN)/ruff format -q .
	@find templates -name '*.html' -exec $(BIN)/djade --target-version 5.2 {} + || true

bench: .venv/development  ## speed against plain DuckDB and sftp; CUSTOMERS=1000000 make bench is the quick one
	@$(BIN)/python -m bench.launch --customers $(CUSTOMERS)
	@$(BIN)/python -m bench.count --customers $(CUSTOMERS)
	@$(BIN)/python -m bench.segment --customers $(CUSTOMERS)
	@$(BIN)/python -m bench.lists --customers $(CUSTOMERS)
	@$(BIN)/python -m bench.campaign --customers $(CUSTOMERS)
	@$(BIN)/python -m bench.editor --customers 2000
	@$(BIN)/python -m bench.campaigns
	@$(BIN)/python -m bench.assign --customers $(CUSTOMERS)

audit: .venv/development  ## known holes in what we stand on; asks the registry
	@$(BIN)/pip-audit -r requirements.txt
