from samples import lesson  # noqa: F401, a fixture
