"""A Prefect server of the tests' own: ten seconds once, and only for tests that ask for it."""

import gc
import os
import warnings

import pytest


@pytest.fixture(scope="session")
def prefect_server(tmp_path_factory):
    os.environ["PREFECT_LOGGING_LEVEL"] = "WARNING"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        os.environ |= {
            "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_BATCH_SIZE": "100",
            "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_FLUSH_INTERVAL": "2",
        }
        from prefect.testing.utilities import prefect_test_harness

        with prefect_test_harness(server_startup_timeout=90):
            yield


@pytest.fixture(autouse=True)
def _prefect_leaves_sockets_to_the_collector(request):
    """Its client closes some only when it is collected: here, and in nobody else's test."""
    yield
    if "prefect_server" in request.fixturenames:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            gc.collect()
