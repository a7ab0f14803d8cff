# Every command a developer or a user needs; `make help` lists them.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
AUDIT := .venv-audit
SECONDS ?= 30
POINTS ?= 80
DAYS ?= 7
SEED ?= 1
# Tests start the program hundreds of times: it shall not be compiled anew each time.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help venv dev tools demo test test-peers crash bite simulate bench lint format lock wheel clean

help: ## list the commands
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "  make %-12s %s\n", $$1, $$2}'

# The runtime alone: what a user gets. Every package is pinned with its hashes.
$(VENV)/.runtime: requirements.lock pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	touch $@

$(VENV)/.dev: requirements-dev.lock $(VENV)/.runtime
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	touch $@

venv: $(VENV)/.runtime ## make .venv with the locked packages and entrepot itself

dev: $(VENV)/.dev ## the same, with what tests and lint need

demo: venv ## a pretend week of business on loopback, live, then a summary
	$(BIN)/entrepot demo --seconds $(SECONDS)

test: dev ## all tests that need no foreign server; BOTH=1: those of whole flows on both databases, not by turns
	ENTREPOT_TEST_BOTH=$(BOTH) $(BIN)/python -m pytest -n 3 --dist loadscope --no-loadscope-reorder -m "not peers" tests

tools: ## install what tests need of Debian's programs, where it lacks and we may
	@command -v chromium >/dev/null || { [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null && \
		{ apt-get update --quiet; apt-get install --yes --quiet --no-install-recommends chromium; }; } || \
		echo "chromium is not here: apt-get install chromium. Tests that open pages are skipped, and fail under CI."

test-peers: dev tools ## install, start and test against the real systems
	$(BIN)/python -m pytest -n 3 --dist loadscope --no-loadscope-reorder -m peers tests/peers tests/conformance

crash: dev ## kill the daemon at POINTS points of its work, and see that nothing is lost or doubled
	$(BIN)/python -m tests.crash --points $(POINTS) --seed $(SEED)

bite: dev ## break each law in a scratch tree, and see that its test fails
	$(BIN)/python -m tests.bite --keep-going

simulate: dev ## DAYS days of business with outages, edits, restarts and upgrades, by SEED
	$(BIN)/python -m tests.simulate --days $(DAYS) --seed $(SEED)

bench: dev ## measure what docs/performance.md claims, beside floors and peers
	$(BIN)/python -m bench --all

# What looks for known holes has packages of its own, so that none of them changes how ours behave.
$(AUDIT)/.done: requirements-audit.lock
	test -x $(AUDIT)/bin/python || $(PYTHON) -m venv $(AUDIT)
	$(AUDIT)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-audit.lock
	touch $@

lint: dev $(AUDIT)/.done ## ruff, mypy strict, the import rules, bandit, known vulnerabilities
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(AUDIT)/bin/bandit -q -c pyproject.toml -r connectors sync mappings config sandbox ops daemon.py
	$(AUDIT)/bin/python ops/audit.py requirements.lock requirements-dev.lock

format: dev ## let ruff order and format the code
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

lock: ## resolve the dependencies again (needs uv)
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --custom-compile-command "make lock" --python-version 3.11 -o requirements.lock pyproject.toml requirements-build.in
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --custom-compile-command "make lock" --python-version 3.11 --extra dev -c requirements.lock -o requirements-dev.lock pyproject.toml
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --custom-compile-command "make lock" --python-version 3.11 -o requirements-audit.lock requirements-audit.in

wheel: dev ## build the wheel into dist/
	$(BIN)/python -m hatchling build -t wheel

clean: ## remove what the build made
	rm -rf $(VENV) $(AUDIT) dist
