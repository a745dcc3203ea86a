"""The benchmark suite: how close this client comes to raw urllib3; `python -m benchmarks`."""
