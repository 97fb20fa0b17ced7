from samples import lesson, run  # noqa: F401, fixtures
