# make demo | quick | test | check | bench | clean. The first call sets everything up in .venv.
SHELL := /bin/bash
.DEFAULT_GOAL := help
PYTHON ?= python3.11
READY := .venv/ready
QUICK := tests/unit tests/test_imports.py tests/test_settings_tables.py
# One more than cores: some tests wait, and browsers compute on their own.
WORKERS ?= $(shell echo $$(($$(nproc) + 1)))
RUN := .venv/bin/python
SETUP_INPUTS := pyproject.toml constraints.txt tools/setup.sh tools/package.json

.PHONY: help demo quick test check bench setup clean

help:  ## Show the commands.
	@sed -n 's/^\([a-z]*\):.*## /  make \1\t/p' $(MAKEFILE_LIST)

$(READY): $(SETUP_INPUTS)
	@PYTHON=$(PYTHON) tools/setup.sh
	@touch $@

setup: $(READY)  ## Install everything that is needed into .venv (done by the others when missing).

demo: $(READY)  ## Take a request through the whole chain on this machine; ARGS="--keep" or ARGS='--brief "…"'.
	@$(RUN) -m local demo $(ARGS)

quick: $(READY)  ## Run the tests without browser, act and servers; ARGS="-k name" picks.
	@$(RUN) -m pytest -n $(WORKERS) -q $(wildcard $(QUICK)) $(ARGS)

test: $(READY)  ## Run all tests; ARGS="-k name" or ARGS=tests/integration/faults picks.
	@$(RUN) -m pytest -n $(WORKERS) --dist worksteal -q $(ARGS)

check: $(READY)  ## Lint, format, types, workflows.
	@tools/check.sh

bench: $(READY)  ## Measure receiver, builder and the whole chain; tables and plots in bench-output/.
	@$(RUN) -m pip install -q --disable-pip-version-check -c constraints.txt -e '.[bench]'
	@status=0; for part in generate use publish receiver chain; do $(RUN) -m tests.bench.$$part || status=1; done; exit $$status

clean:  ## Remove what the set-up and the runs made.
	rm -rf .venv work demo-output bench-output
