# `make book` and `make test` are all that a fresh machine needs: Python 3.11 to 3.14, git and make.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
CHECK_PYTHON = $(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 15))' \
  || { echo "Python 3.11 to 3.14 is needed: make PYTHON=/path/to/python3.11"; exit 1; }

.PHONY: book test lint lock clean
.DEFAULT_GOAL := help

help:
	@echo "make book   run the quickstart and build the book"
	@echo "make test   run the tests (PANDA_DATA=FOLDER adds those on real data)"
	@echo "make lint   check the style"
	@echo "make lock   write requirements.lock anew from pyproject.toml"
	@echo "make clean  remove .venv, .lock-venv, _build and results/notebooks; what runs left in results/ stays"

# The environment is made anew when the lock file or the project's metadata change.
$(READY): requirements.lock pyproject.toml
	@$(CHECK_PYTHON)
	@echo "[1/2] creating the environment in $(VENV)"
	@$(PYTHON) -m venv --clear $(VENV)
	@echo "[2/2] installing about 2 GB of packages (a few minutes)"
	@$(BIN)/python -m pip install --disable-pip-version-check --progress-bar on -r requirements.lock
	@$(BIN)/python -m pip install --disable-pip-version-check --quiet --no-deps --editable .
	@touch $(READY)

book: $(READY)
	@$(BIN)/panda book

test: $(READY)
	@$(BIN)/ruff check .
	@OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n auto --maxprocesses 4 --dist loadfile --no-loadscope-reorder

lint: $(READY)
	@$(BIN)/ruff check .

lock:
	@$(CHECK_PYTHON)
	@$(PYTHON) -m venv --clear .lock-venv
	@.lock-venv/bin/python -m pip install --disable-pip-version-check '.[minilm-l3,ray,book,test]'
	@.lock-venv/bin/python -m pip freeze --exclude panda-core | sed 's/+cpu$$//' > requirements.lock
	@rm -rf .lock-venv

clean:
	rm -rf $(VENV) .lock-venv _build results/notebooks
