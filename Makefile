# `make run` sets Mien up and starts it, `make test` sets it up and tests it.
# Options follow in ARGS:  make run ARGS="--port 5001"   make test ARGS="-k settings"
# The work is done by prepare.py, which any Python 3 can start.

PYTHON := $(shell for python in python3.12 python3.11 python3; do \
	$$python -c 'import sys; sys.exit(sys.version_info < (3, 7))' 2>/dev/null && \
	echo $$python && break; done)

.PHONY: run test setup build lint lock clean
run test setup build lint lock clean:
	$(if $(PYTHON),,$(error Mien needs Python 3.11 or 3.12, and there is no Python here at all))
	@$(PYTHON) prepare.py $@ $(ARGS)
