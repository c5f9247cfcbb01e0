# Two commands do everything, each setting up what it needs: `make demo` and `make test`.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: demo test lint format docs expected mutants bench clean

demo: $(VENV)/installed
	$(BIN)/cthbkb recs --theme jits --format table
	@echo
	@echo "Next: $(BIN)/cthbkb                               what it holds"
	@echo "      $(BIN)/cthbkb compare --theme compensation  how an ask changed"
	@echo "      $(BIN)/cthbkb search labour exploitation    anything in it"
	@echo "      $(BIN)/cthbkb --help                        all commands"

test: $(VENV)/dev
	$(BIN)/python -m pytest --numprocesses auto

lint: $(VENV)/dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/cthbkb check data/seed.yaml

format: $(VENV)/dev
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

docs: $(VENV)/dev
	$(BIN)/python docs/make.py

expected: $(VENV)/dev
	$(BIN)/python tests/expected.py

mutants: $(VENV)/dev
	$(BIN)/python tests/mutants.py

bench: $(VENV)/plain
	$(VENV)/plain/bin/python bench/run.py

$(VENV)/python:
	$(PYTHON) -m venv $(VENV)
	touch $@

$(VENV)/installed: $(VENV)/python pyproject.toml
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade "pip>=25.1"
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable .
	touch $@

$(VENV)/dev: $(VENV)/installed
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable ".[all]" --group dev
	touch $@

# Without the extras: sqlite-utils imports NumPy and pandas where they are installed.
$(VENV)/plain: pyproject.toml
	$(PYTHON) -m venv $@
	$@/bin/python -m pip install --quiet --disable-pip-version-check --upgrade "pip>=25.1"
	$@/bin/python -m pip install --quiet --disable-pip-version-check --editable .
	touch $@

clean:
	rm -rf $(VENV) dist build
