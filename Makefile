# Two commands on a fresh machine: `make run` and `make test`. Python >= 3.11 with venv is all they ask.
PY ?= python3
V := .venv
B := $(V)/bin
# Hundreds of processes are started from these sources: each would compile all of them anew.
unexport PYTHONDONTWRITEBYTECODE
.PHONY: run setup machine test check eval bench soak lock

run: setup          ## the demo: relay, pages, bridge and a mailbox on this machine
	@$(B)/sekisho demo $(ARGS)

setup: $(V)/.ok     ## the virtual environment, from the hashed lock file

$(V)/.ok: requirements-test.lock pyproject.toml
	@$(PY) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Sekisho needs Python 3.11 or newer")'
	@$(PY) -m venv $(V)
	@$(B)/python -m pip install -q --disable-pip-version-check 'uv>=0.13,<0.14' \
	  && $(B)/uv pip install -q -p $(V) --require-hashes -r requirements-test.lock \
	  || $(B)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements-test.lock
	@echo "$(CURDIR)" > "$$($(B)/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/sekisho-dev.pth"
	@printf '#!%s\nfrom admin_ui.cli import main\nraise SystemExit(main())\n' "$(CURDIR)/$(B)/python" > $(B)/sekisho
	@chmod +x $(B)/sekisho
	@touch $@

machine:            ## what the whole suite needs of the machine: browser, mail server, tracer
	@sh scripts/machine.sh

check: setup        ## lint, types, quick tests: under a minute
	@$(B)/ruff format --check -q .
	@$(B)/ruff check -q .
	@$(B)/mypy
	@$(B)/lint-imports --no-cache
	@$(B)/pytest -q -n 2 -m "not slow and not stored and not long and not alone" tests

test: setup machine ## everything: `check`, the slow ones, real servers and a real browser
	@$(B)/ruff format --check -q .
	@$(B)/ruff check -q .
	@$(B)/lint-imports --no-cache
	@# compiles the tests beside mypy: three workers at once would each do it
	@$(B)/pytest -q --collect-only tests >/dev/null & $(B)/mypy; typed=$$?; wait; exit $$typed
	@$(B)/pytest -q -n 3 --dist worksteal -m "not long and not alone" tests \
	  || { echo "what failed beside the others, once more by itself:"; \
	       $(B)/pytest -q --lf --lfnf=none -m "not long and not alone" tests; }
	@$(B)/pytest -q -m alone tests \
	  || { echo "what was too slow, once more:"; $(B)/pytest -q --lf --lfnf=none -m alone tests; }

eval: setup         ## how well numbers are found, beside simpler rules
	@$(B)/python -m benchmarks.detection $(ARGS)

bench: setup machine ## beside Postfix, rspamd and Haraka, in one interleaved run
	@sh scripts/peers.sh
	@$(B)/python -m benchmarks.inspection
	@$(B)/python -m benchmarks.replay
	@$(B)/python -m benchmarks $(ARGS)
	@$(B)/python -m benchmarks --quick --slow-flush 4
	@$(B)/python -m benchmarks.scale
	@$(B)/python -m benchmarks.large
	@$(B)/python -m benchmarks.ledger
	@$(B)/python -m benchmarks.history

soak: setup machine ## hours; resumable; results kept under results/
	@$(B)/pytest -q -m long tests
	@$(B)/python -m benchmarks.endurance
	@$(B)/python -m benchmarks.soak $(ARGS)

lock:               ## after a change of dependencies in pyproject.toml
	@$(B)/uv pip compile -q --universal --generate-hashes --no-header --no-annotate \
	  pyproject.toml -o requirements.lock
	@$(B)/uv pip compile -q --universal --generate-hashes --no-header --no-annotate \
	  --all-extras pyproject.toml -o requirements-postgresql.lock
	@$(B)/uv pip compile -q --universal --generate-hashes --no-header --no-annotate \
	  --all-extras --group test pyproject.toml -o requirements-test.lock
