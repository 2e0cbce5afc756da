# make demo   run the main job on the sample project: a window, or pictures and a report without a display
# make test   lint, types, contracts, tests
# make lock   write constraints.txt from what is installed in .venv

PYTHON ?= python3.11
BIN := .venv/bin

.PHONY: demo test lint lock clean

demo: .venv/demo.stamp
	$(BIN)/diffannot models pull
	$(BIN)/python -m app.demo

test: .venv/test.stamp lint
	$(BIN)/diffannot models pull
	$(BIN)/python -m pytest

lint: .venv/test.stamp
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports

.venv/demo.stamp: pyproject.toml constraints.txt tools/system-packages
	tools/system-packages
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e .
	touch $@

.venv/test.stamp: pyproject.toml constraints.txt tools/system-packages
	tools/system-packages --tests
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e ".[dev,train]"
	touch $@ .venv/demo.stamp

lock:
	$(BIN)/python -m pip freeze --exclude-editable | sed 's/+cpu$$//' > constraints.txt

clean:
	rm -rf .venv build dist *.egg-info demo
