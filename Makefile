# The verbs of Berth. `make` lists them. Every verb sets up what it needs; nothing else has to be installed by hand.

.DEFAULT_GOAL := help
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c

VENV := .venv
BIN := $(VENV)/bin
IMAGE ?= berth:latest
SPEED ?= 1
PORT ?= 8080

# The set-up is repeated only when what is locked has changed, whatever the files' times say.
INSTALLED := $(VENV)/.installed-$(shell cat requirements-dev.lock pyproject.toml 2>/dev/null | cksum | cut -d ' ' -f 1)

.PHONY: help demo test lint run bench image lock tools

help: ## list the verbs
	@grep -E '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /\1\t/' | expand -t 10

demo: $(INSTALLED) ## a local Slack workspace, a local cluster and the bot; prints the URL to open (SPEED=60: an hour a minute)
	@$(BIN)/berth demo --speed $(SPEED) --port $(PORT)

# The slow tests mostly wait, so three go on at once; of those that start a demo or a Chromium, which crowd each other out,
# there is never more than one (the group `crowding`, tests/conftest.py).
test: lint tools ## everything that must hold: lint, the fast tests, the slow tests
	$(BIN)/python -m pytest -q -n 6 --dist loadgroup -m "not slow"
	$(BIN)/python -m pytest -q -n 3 --dist loadgroup -m slow

lint: $(INSTALLED) ## ruff, mypy --strict, the import contracts, and known vulnerabilities where a service tells of them
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m tests.advisories

run: $(INSTALLED) ## the bot, configured by the environment and berth.yaml
	@$(BIN)/berth run

bench: $(INSTALLED) ## measure acks, API requests, sweeps, memory and start-up on this machine
	@$(BIN)/python -m tests.bench

image: ## the container image (IMAGE=name:tag)
	docker build --tag $(IMAGE) .

LOCK := $(BIN)/uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate --no-header -q pyproject.toml
lock: $(INSTALLED) ## resolve the requirements anew, with hashes and without the URL of any index
	$(LOCK) -o requirements.lock
	$(LOCK) --group dev -o requirements-dev.lock

tools: # what pip cannot bring: a browser for the pages' tests, kubectl for the clusters'
	@missing=""; \
	command -v chromium >/dev/null || missing="$$missing chromium"; \
	command -v kubectl >/dev/null || missing="$$missing kubernetes-client"; \
	if [ -z "$$missing" ]; then exit 0; fi; \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	  echo "Installing$$missing"; \
	  { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $$missing >/dev/null; } \
	    || echo "Could not install$$missing: the tests that need them will be skipped, and say so."; \
	else \
	  echo "Missing:$$missing. The tests that need them will be skipped; install them with your package manager."; \
	fi

$(INSTALLED): requirements-dev.lock pyproject.toml
	@python=""; \
	for candidate in $${PYTHON:-} python3 python3.14 python3.13 python3.12 python3.11; do \
	  if "$$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then python="$$candidate"; break; fi; \
	done; \
	if [ -z "$$python" ]; then echo "Berth needs Python 3.11 or newer: install it, or name it with PYTHON=/path/to/python3." >&2; exit 1; fi; \
	if ! $(BIN)/python -m pip --version >/dev/null 2>&1; then \
	  "$$python" -m venv --clear $(VENV) \
	    || { echo "$$python cannot make a virtual environment: on Debian, apt-get install python3-venv." >&2; exit 1; }; \
	fi
	$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements-dev.lock
	$(BIN)/python -m pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e .
	@rm -f $(VENV)/.installed-*; touch $@
