# What a person types. `make help` lists it. Works with macOS's make 3.81; `.venv` needs no activating.

ifeq ($(OS),Windows_NT)
$(error On Windows run make inside WSL2 (https://learn.microsoft.com/windows/wsl/install), in a clone on its own file system)
endif

.POSIX:
.SUFFIXES:
.PHONY: help install up down test test-slow check audit lock pulumi-checksums generate recording bench chaos
.DEFAULT_GOAL := help

BIN = .venv/bin
# The number the sandbox's account owns first; it is the one that Pulumi.local.yaml configures.
NUMBER = +15551234567
# A module is one worker's, so that what it starts is started once.
PYTEST = $(BIN)/pytest -n auto --dist loadscope

help:
	@echo 'make up         deploy the whole thing on this machine (no account needed) and make a test call'
	@echo 'make down       stop what make up started; the data stays in .voicehooks/'
	@echo 'make install    only install: .venv with everything pinned, and the Pulumi CLI behind .venv/bin/pulumi'
	@echo 'make check      formatting, lint, types, import rules, secrets, pins, lock, workflows'
	@echo 'make audit      is a hole known in a version that is pinned? (asks PyPI, so it is no part of make check)'
	@echo 'make lock       requirements.lock from requirements*.txt, with hashes; UPGRADE=1 for newer versions'
	@echo 'make test       the tests, under ten minutes'
	@echo 'make test-slow  the long tests, up to forty minutes'
	@echo 'make generate   write what is generated from tables: typed classes and reference pages'
	@echo 'make recording  docs/make-up.svg, the picture of make up in the README'
	@echo 'make bench      benchmarks'
	@echo 'make chaos      minutes of outages and killed updates while calls come in, then the documented repair'

install:
	@PYTHON='$(PYTHON)' PULUMI='$(PULUMI)' tools/install

up: install
	@tools/up '$(NUMBER)'

down:
	@tools/down

check: install
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy voicehooks infra providers sandbox tools
	$(BIN)/lint-imports
	$(BIN)/python -m tools.generate --check
	$(BIN)/python -m tools.scan
	cd functions && ../$(BIN)/deno fmt --check && ../$(BIN)/deno lint && ../$(BIN)/deno check .

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

bench: install
	$(BIN)/python -m bench

chaos: install
	$(BIN)/python -m tests.chaos $(CHAOS)
