# Parley. `just` alone lists what there is; README.md says how to begin.

python := ".venv/bin/python"
export PYTHONPATH := "site"
export PYTHONUNBUFFERED := "1"

_list:
    @{{ just_executable() }} --list --unsorted

# serve the chat on http://127.0.0.1:8080, with reload
dev: _server
    @exec {{ python }} -m parley.cli dev

# serve it for real use: reachable from other devices, no reload, no debug
serve: _server
    @exec {{ python }} -m parley.cli serve

# the command line: backup FILE, restore FILE, doctor, sweep
[positional-arguments]
parley *arguments: _server
    @exec {{ python }} -m parley.cli "$@"

# every test (arguments go to pytest)
[no-exit-message]
test *arguments: _tools
    @{{ python }} -m pytest {{ arguments }}

# lint, format, types, templates, and whether the docs say what was measured
check: _tools
    @{{ python }} -m ruff check .
    @{{ python }} -m ruff format --check .
    @{{ python }} -m mypy
    @{{ python }} -m tests.compile_templates
    @{{ python }} -m tests.bench.report

# the figures that the docs quote: ten minutes, on a machine that does nothing else; or parts of them
bench *parts: _rivals
    @{{ python }} -m tests.bench.run {{ parts }}

# a space in which a million messages were said, made in a new folder: some minutes
plenty folder: _tools
    @{{ python }} -m tests.bench.library {{ folder }}

# the fault runs at full length: some minutes
faults: _tools
    @{{ python }} tests/faults/run.py

# pip is asked only when a list has changed since the last time
_server:
    @[ .venv/server.done -nt requirements.txt ] || { .venv/bin/pip install -q --disable-pip-version-check -r requirements.txt && touch .venv/server.done; }

_tools: _server
    @[ .venv/tools.done -nt requirements-dev.txt ] || { .venv/bin/pip install -q --disable-pip-version-check -r requirements-dev.txt && touch .venv/tools.done; }

_rivals: _tools
    @[ .venv/rivals.done -nt requirements-bench.txt ] || { .venv/bin/pip install -q --disable-pip-version-check -r requirements-bench.txt && touch .venv/rivals.done; }
