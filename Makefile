# Every command a developer or a user needs; `make help` lists them.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
SECONDS ?= 30

.DEFAULT_GOAL := help
.PHONY: help venv dev demo test test-peers lint format lock wheel clean

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

test: dev ## all tests that need no foreign server
	$(BIN)/python -m pytest -n 2 --dist loadgroup -m "not peers" tests

test-peers: dev ## install, start and test against the real systems
	$(BIN)/python -m pytest -m peers tests/peers tests/conformance

lint: dev ## ruff, mypy strict, the import rules
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: dev ## let ruff order and format the code
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

lock: ## resolve the dependencies again (needs uv)
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --custom-compile-command "make lock" --python-version 3.11 -o requirements.lock pyproject.toml requirements-build.in
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --custom-compile-command "make lock" --python-version 3.11 --extra dev -c requirements.lock -o requirements-dev.lock pyproject.toml

wheel: dev ## build the wheel into dist/
	$(BIN)/python -m hatchling build -t wheel

clean: ## remove what the build made
	rm -rf $(VENV) dist
