# The two commands of the README, and what CI runs. Needs Python 3.11 or newer and nothing else.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
DEMO := mmaudit-demo
WORKERS ?= 2

.PHONY: demo test test-slow matrix docs check install browser clean

demo: $(VENV)/.run
	rm -rf $(DEMO)
	$(BIN)/mmaudit demo $(DEMO) --workers $(WORKERS)

# tests start hundreds of processes: what one has compiled, the others need not compile again
PYTEST := OMP_NUM_THREADS=1 PYTHONDONTWRITEBYTECODE= $(BIN)/python -m pytest -n 2 --dist worksteal

# all but the studies of minutes, which have a command of their own
test: $(VENV)/.dev browser
	$(PYTEST) -m "not slow"

# to look for them in all tests would take each core 10 s
test-slow: $(VENV)/.dev
	$(PYTEST) -m slow $$(grep -rl --include='test_*.py' 'mark\.slow' tests)

# what a newcomer does, in empty environments: every Python there is, the lowest versions, all extras;
# CELLS=here is the wheel alone beside the packages of PYTHON, in a minute
matrix:
	$(PYTHON) tests/install/matrix.py $(CELLS)

# the pages of docs/reference; what they say comes from the code
docs: $(VENV)/.dev
	$(BIN)/python docs/make.py

check: $(VENV)/.dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/python docs/make.py --check

install: $(VENV)/.dev

# the report is tested in a real browser; where none can be installed, those tests say so and skip
browser:
	@command -v chromium >/dev/null || command -v google-chrome >/dev/null \
	|| { command -v apt-get >/dev/null && [ "$$(id -u)" = 0 ] \
	&& apt-get update -qq >/dev/null && apt-get install -y -qq chromium >/dev/null; } \
	|| echo "no Chromium, and it cannot be installed here: browser tests will be skipped"

# torch first and alone: constraints.txt names the release for which a build without CUDA may be
# offered, and whatever is asked for later is then satisfied by it
$(VENV)/.run: pyproject.toml constraints.txt
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --constraint constraints.txt torch
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[all]'
	touch $@

$(VENV)/.dev: $(VENV)/.run
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[dev]'
	touch $@

clean:
	rm -rf $(VENV) $(DEMO) build *.egg-info
