"""The runtimes of the property tests, and how many examples they get."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

from ..conftest import installed, package_directory, runtime_python
from .client import Client

# A session of TensorFlow 1, eager with anonymous tables missing, and eager with everything.
VERSIONS = ("1.4.1", "2.3.4", "2.21.0")

SLOW = (HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example)
FIXED = {"deadline": None, "print_blob": True, "suppress_health_check": SLOW, "database": None}
settings.register_profile("tests", derandomize=True, max_examples=50, **FIXED)  # type: ignore
settings.register_profile("long", max_examples=1000, **FIXED)  # type: ignore
settings.load_profile(os.environ.get("OPGRAFT_PROPERTIES", "tests"))


@pytest.fixture(scope="session")
def clients(request: pytest.FixtureRequest) -> Iterator[dict[str, Client]]:
    """A process for each runtime, all started at once: importing TensorFlow takes seconds."""
    package = package_directory()
    wanted = {
        item.callspec.params["version"]
        for item in request.session.items
        if "clients" in getattr(item, "fixturenames", ()) and hasattr(item, "callspec")
    }
    started = {v: Client(v, package) for v in sorted(wanted) if installed(v) is not None}
    yield started
    for client in started.values():
        client.close()


@pytest.fixture(scope="session", params=VERSIONS)
def version(request: pytest.FixtureRequest) -> str:
    """Each runtime."""
    name: str = request.param
    return name


@pytest.fixture(scope="session")
def client(clients: dict[str, Client], version: str) -> Client:
    """The process of a runtime; skips, or fails on CI, where there is no interpreter."""
    runtime_python(version)
    return clients[version]
