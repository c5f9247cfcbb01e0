# Two commands do everything, each setting up what it needs: `make demo` and `make test`.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: demo test lint format docs expected mutants lowest bench lock audit sbom clean

demo: $(VENV)/installed
	$(BIN)/cthbkb recs --theme jits --format table
	@echo
	@echo "Next: $(BIN)/cthbkb                               what it holds"
	@echo "      $(BIN)/cthbkb compare --theme compensation  how an ask changed"
	@echo "      $(BIN)/cthbkb search labour exploitation    anything in it"
	@echo "      $(BIN)/cthbkb --help                        all commands"

test: $(VENV)/dev
	$(BIN)/python -m pytest --numprocesses auto --dist worksteal

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

lowest: $(VENV)/lowest
	$(VENV)/lowest/bin/python -m pytest --numprocesses auto --dist worksteal

bench: $(VENV)/plain
	$(VENV)/plain/bin/python bench/run.py

# The versions with their hashes in uv.lock; what is known against them; what the program is made of.
PUBLIC := --default-index https://pypi.org/simple

lock: $(VENV)/supply
	$(BIN)/uv lock $(PUBLIC)

$(VENV)/locked.txt: $(VENV)/supply uv.lock pyproject.toml
	$(BIN)/uv export --quiet --locked $(PUBLIC) --all-extras --no-dev --no-emit-project --output-file $@

audit: $(VENV)/locked.txt
	rm -f $(VENV)/audit.json
	$(BIN)/pip-audit --strict --disable-pip --require-hashes --requirement $< --format json --output $(VENV)/audit.json
	$(BIN)/python .ci/audited.py $< $(VENV)/audit.json

sbom: $(VENV)/locked.txt
	mkdir -p dist
	$(BIN)/cyclonedx-py requirements $< --pyproject pyproject.toml --output-reproducible --output-file dist/cthbkb.cdx.json

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

# The lowest versions that pyproject.toml allows, also of the extras and of the tools for the tests.
$(VENV)/lowest: pyproject.toml $(VENV)/supply
	$(BIN)/uv venv --quiet --clear --python $(PYTHON) $@
	$(BIN)/uv pip install --quiet $(PUBLIC) --python $@/bin/python --resolution lowest-direct --editable ".[all]" --group dev
	touch $@

$(VENV)/supply: $(VENV)/installed
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --group supply
	touch $@

clean:
	rm -rf $(VENV) dist build
