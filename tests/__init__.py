import os

if "PYTEST_XDIST_WORKER" in os.environ:
    # Two processes test at once: with all cores for each, their threads wait for one another.
    os.environ.setdefault("OMP_NUM_THREADS", "1")
