# Each target makes .venv and installs what it needs; once that is there, it starts at once.
# PYTHON=… names the interpreter to make .venv with, CHROMIUM=… the browser to test with.
PORT ?= 8080
JOBS ?= 3
TIMES ?= 20
DOCS_PORT ?= 8000
PY := .venv/bin/python

.DEFAULT_GOAL := help
.PHONY: help demo test test-fast lint lint-deploy format bench bench-developing bench-tensors bench-av bench-scale soak fuzz docs docs-serve screenshots proto torch setup setup-dev clean

help: ## what there is
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-16s %s\n", $$1, $$2 }' Makefile

demo: setup ## serve examples/paint; open the address it prints (PORT=9000 for another port)
	@$(PY) -m reactor_runtime run examples/paint --port $(PORT)

test: setup-dev ## all tests, with the official clients and a browser (ARGS="-k name"; JOBS=1 for one at a time)
	@$(PY) -m scripts.browser_tools
	@$(PY) -m scripts.turn_tools
	@$(PY) -m pytest -n $(JOBS) --dist loadfile $(ARGS)

test-fast: setup-dev ## the tests that need no server process and no browser
	@$(PY) -m pytest -m "not e2e" $(ARGS)

fuzz: setup-dev ## look longer for what the fuzz tests miss (TIMES=20: so many examples for each of theirs; ARGS="-k sdp")
	@FUZZ=$(TIMES) $(PY) -m pytest -n $(JOBS) --timeout 0 tests/fuzz tests/engine/test_session_machine.py $(ARGS)

lint: setup-dev ## style, types and floors
	@$(PY) -m ruff check .
	@$(PY) -m ruff format --check .
	@$(PY) -m mypy
	@.venv/bin/lint-imports --no-logo

lint-deploy: setup-dev ## what is in deploy/: schemas of Kubernetes and Compose, a linter for the Dockerfile
	@$(PY) -m scripts.deploy_check

format: setup-dev ## put style right where that can be done
	@$(PY) -m ruff check --fix .
	@$(PY) -m ruff format .

bench: setup-dev ## latency of this machine, as JSON; beside the official runtime with ARGS="--official-python PATH"
	@$(PY) -m bench $(ARGS)

bench-developing: setup-dev ## how long an author waits: a saved file, a minute under the test kit (ARGS="--saves 20")
	@$(PY) -m bench.developing $(ARGS)

bench-tensors: setup-dev ## what emit() of a torch tensor costs the model's thread (ARGS="--emits 100"); wants torch
	@$(PY) -m bench.tensor_emit $(ARGS)

bench-av: setup-dev ## how far picture and sound are apart at a client, for a minute (ARGS="--seconds 10")
	@$(PY) -m bench.av_sync $(ARGS)

bench-scale: setup-dev ## whether a frame's cost grows: with viewers, age, sessions before (ARGS="--minutes 10")
	@$(PY) -m bench.scale $(ARGS)

soak: setup-dev ## whether memory, threads, files or tasks grow while clients come and go (ARGS="--minutes 3")
	@$(PY) -m bench.soak $(ARGS)

docs: setup-dev ## build the documentation into site/
	@$(PY) -m scripts.docs
	@NO_MKDOCS_2_WARNING=1 $(PY) -m mkdocs build --strict --quiet
	@echo "Built: site/. Read and search it with: make docs-serve"

docs-serve: setup-dev ## show the documentation as you write it, at http://127.0.0.1:8000/ (DOCS_PORT=8000)
	@$(PY) -m scripts.docs
	@NO_MKDOCS_2_WARNING=1 $(PY) -m mkdocs serve --dev-addr 127.0.0.1:$(DOCS_PORT)

screenshots: setup-dev ## take the pictures of the page that README and documentation show, anew
	@$(PY) -m scripts.browser_tools
	@$(PY) -m scripts.screenshots

proto: setup-dev ## regenerate the protobuf code from its .proto
	@sh scripts/proto.sh

torch: setup-dev ## torch for the CPU into .venv, for the tests that are skipped without it
	@sh scripts/setup.sh torch

setup:
	@sh scripts/setup.sh run

setup-dev:
	@sh scripts/setup.sh dev

clean: ## remove .venv, node_modules and what tools left
	@rm -rf .venv build dist site tests/e2e/js/node_modules .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
