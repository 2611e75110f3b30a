# Every target does its own set-up: `.venv` is built once, and again when its inputs change.
PYTHON ?= $(firstword $(foreach p,python3.11 python3 python,$(shell $(p) -c 'import ensurepip, sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 && echo $(p))))
BIN := .venv/bin
READY := .venv/.ready
AZURITE := azurite@3.37.0  # the Azure server of the tests, for Node, which comes from PyPI
PYTEST_FLAGS ?= -n 2 --dist worksteal
SOURCES := pixeltable tests tools examples benchmarks

.DEFAULT_GOAL := help
.PHONY: help setup demo demo-media test check bench docs format tighten lock clean

help: ## Show this list.
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  make \1\t\2/' | expand -t 18

setup: $(READY) ## Build .venv with everything a developer needs.

# torch first: whatever build the machine's index offers for this version must be there before a dependant asks for another.
$(READY): pyproject.toml constraints.txt tests/yolox.txt
	@test -n "$(PYTHON)" || { echo "error: Python 3.11 or newer with venv is needed; name it with 'make PYTHON=/path/to/python3.11'"; exit 1; }
	$(PYTHON) -m venv --clear .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt torch
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --target .venv/yolox -r tests/yolox.txt
	$(BIN)/python -m compileall -q pixeltable  # pip does so for what it copies, and not for what stays in its folder
	$(BIN)/npm install --prefix .venv --ignore-scripts --no-audit --no-fund --loglevel=error $(AZURITE)
	@touch $@

demo: $(READY) ## Run the main job on real documents.
	$(BIN)/python examples/knowledge_base/main.py

demo-media: $(READY) ## Pictures, films and PDFs that describe themselves and are searched.
	$(BIN)/python examples/media/gallery.py

test: $(READY) ## Run the tests; PYTEST_FLAGS='-n 2 --slow' runs the slow ones too.
	$(BIN)/python -m pytest $(PYTEST_FLAGS)

check: $(READY) ## Lint, format, types, import contract, file sizes.
	$(BIN)/ruff check $(SOURCES)
	$(BIN)/ruff format --check $(SOURCES)
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	$(BIN)/python tools/file_sizes.py

bench: $(READY) ## Run the benchmarks; PARTS='singles large' picks some.
	$(BIN)/python benchmarks/run.py $(PARTS)

docs: $(READY) ## Build the guides and the API reference into build/docs; a warning fails.
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --quiet --site-dir build/docs

format: $(READY) ## Format the code and apply safe fixes.
	$(BIN)/ruff check --fix $(SOURCES)
	$(BIN)/ruff format $(SOURCES)

tighten: $(READY) ## Record that long files have become shorter.
	$(BIN)/python tools/file_sizes.py --tighten

lock: ## Resolve all dependencies anew into constraints.txt.
	rm -rf build/lock && $(PYTHON) -m venv build/lock
	build/lock/bin/python -m pip install --quiet --disable-pip-version-check "$$(grep '^torch==' constraints.txt)"
	build/lock/bin/python -m pip install --quiet --disable-pip-version-check -e '.[dev]'
	{ sed '/^#/!d' constraints.txt; build/lock/bin/python -m pip freeze --exclude-editable | sed -E 's/\+cpu$$//'; } > build/constraints.txt
	mv build/constraints.txt constraints.txt && rm -rf build/lock

clean: ## Remove everything that make has made.
	rm -rf .venv build .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
