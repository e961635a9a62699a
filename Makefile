# The commands for people; `make help` lists them. Works with macOS's make 3.81, without activating `.venv`.

ifeq ($(OS),Windows_NT)
$(error On Windows run make inside WSL2 (https://learn.microsoft.com/windows/wsl/install), in a clone on its own file system)
endif

.POSIX:
.SUFFIXES:
.PHONY: help install up down crm test test-slow check audit lock pulumi-checksums generate recording screenshot bench chaos mutants
.DEFAULT_GOAL := help

BIN = .venv/bin
# The first number of the sandbox's account, which Pulumi.local.yaml configures.
NUMBER = +15551234567
# One worker runs all tests of a module, so that the module's fixtures start once.
PYTEST = $(BIN)/pytest -n auto --dist loadscope --no-loadscope-reorder

help:
	@echo 'make up         deploy everything on this machine (no account needed) and make a test call'
	@echo 'make down       stop what make up started; the data stays in .voicehooks/'
	@echo 'make crm        serve the CRM example at http://localhost:8080 against the running sandbox: PORT=8080'
	@echo 'make install    install the pinned requirements into .venv, and the Pulumi CLI as .venv/bin/pulumi'
	@echo 'make check      formatting, lint, types, import rules, secrets, pins, lock, words, workflows'
	@echo 'make audit      known vulnerabilities in pinned versions (needs the network, so make check does not run it)'
	@echo 'make lock       write requirements.lock with hashes from requirements*.txt; UPGRADE=1 for newer versions'
	@echo 'make test       run the quick tests, under ten minutes'
	@echo 'make test-slow  run the long tests, up to forty minutes'
	@echo 'make generate   write what is generated from tables: typed classes and reference pages'
	@echo 'make recording  record docs/make-up.svg, the picture of make up in the README'
	@echo 'make screenshot take docs/page-light.png and docs/page-dark.png, the pictures of the page'
	@echo 'make bench      run the benchmarks'
	@echo 'make chaos      cause outages and kill updates while calls come in, then run the documented repair'
	@echo 'make mutants    try slips in the core and list those that no test notices: MODULE=infra, CHANGED=origin/main, SAMPLE=300'

install:
	@PYTHON='$(PYTHON)' PULUMI='$(PULUMI)' tools/install

up: install
	@tools/up '$(NUMBER)'

down:
	@tools/down

crm: install
	@$(BIN)/python -m tools.crm $(if $(PORT),--port $(PORT))

check: install
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy voicehooks infra providers sandbox page tools bench
	$(BIN)/lint-imports
	$(BIN)/python -m tools.generate --check
	$(BIN)/python -m tools.scan
	cd functions && ../$(BIN)/deno fmt --check && ../$(BIN)/deno lint && ../$(BIN)/deno check .
	cd examples/crm && ../../$(BIN)/deno fmt --check *.js && ../../$(BIN)/deno lint *.js
	cd page && ../$(BIN)/deno fmt --check && ../$(BIN)/deno lint && ../$(BIN)/deno check .

test: install
	$(PYTEST) -m 'not slow'
	cd functions && ../$(BIN)/deno test --no-prompt --permit-no-files --allow-env --allow-net --allow-read . ../tests/functions

test-slow: install
	$(PYTEST) -m slow

audit: install
	$(BIN)/python -m tools.audit

lock: install
	$(BIN)/python -m tools.lock $(if $(UPGRADE),--upgrade)

pulumi-checksums: install
	$(BIN)/python -m tools.pulumi_checksums

generate: install
	$(BIN)/python -m tools.generate

recording: install
	$(BIN)/python -m tools.recording

screenshot: install
	$(BIN)/python -m tools.page_screenshot

bench: install
	$(BIN)/python -m bench --charts docs/benchmarks $(BENCH)

chaos: install
	$(BIN)/python -m tests.chaos $(CHAOS)

mutants: install
	$(BIN)/python -m tools.mutants $(if $(MODULE),--module $(MODULE)) $(if $(CHANGED),--changed $(CHANGED)) \
	  $(if $(SAMPLE),--sample $(SAMPLE)) $(if $(SEED),--seed $(SEED)) $(if $(WORKERS),--workers $(WORKERS)) \
	  $(if $(RETRY),--retry) $(if $(OUTPUT),--output $(OUTPUT))
