# Two commands: `make run` serves the portal with its demo, `make test` proves it.  Both bring what they need.

PYTHON ?= python3
BIN := .venv/bin
QUICK := not slow and not browser
SETUP = $(PYTHON) -m tools.setup

# Compiled modules make every later start two seconds quicker.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help run check test lint quick whole browser postgres format lock clean

help:
	@echo "make run    serve the portal with its demo (PORT=8000, PORTAL_HOME=var)"
	@echo "make check  linters, types, import contracts and the quick tests on SQLite"
	@echo "make test   everything: check, the slow and browser tests, and the suite on PostgreSQL"
	@echo "make format, make lock, make clean"

run:
	@$(SETUP) run
	@exec $(BIN)/portal serve $(if $(filter production,$(PORTAL_ENV)),,--demo)

check:
	@$(SETUP) check
	@$(MAKE) --no-print-directory lint quick

test:
	@$(SETUP) test
	@$(MAKE) --no-print-directory lint whole browser postgres

lint:
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/djlint --quiet portal/templates

quick:
	$(BIN)/pytest -q -n 2 -m "$(QUICK) and not postgres"

whole:
	$(BIN)/pytest -q -n 2 --dist worksteal -m "not browser and not postgres"

browser:
	$(BIN)/pytest -q -n 2 --dist worksteal -m browser

postgres:
	$(BIN)/pytest -q -n 2 --dist worksteal --database postgres -m "not browser and not once"

format:
	@$(SETUP) check
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

lock:
	@$(SETUP) check
	$(PYTHON) -m tools.lock

clean:
	rm -rf .venv node_modules portal/static/vendor .pytest_cache .mypy_cache .ruff_cache .import_linter_cache
	find portal tests tools migrations -name __pycache__ -prune -exec rm -rf {} +
	find portal/translations -name '*.mo' -delete 2>/dev/null || true
