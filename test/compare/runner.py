"""Evaluates expressions with whichever `wavefront_api_client` is on the path, and tells the outcome.

Each line of standard input is a job in JSON, each line of standard output its outcome. The same
file runs with the official client and with ours, so that the two are asked the same questions.
"""

from __future__ import annotations

import datetime
import json
import logging
import sys
import warnings


def described(value):
    """A JSON value that tells one result from another."""
    if hasattr(value, "to_dict"):
        return {"model": type(value).__name__, "data": value.to_dict()}
    if hasattr(value, "getheaders") and hasattr(value, "data"):
        return {"response": value.data.decode() if isinstance(value.data, bytes) else value.data}
    if isinstance(value, dict):
        return {str(key): described(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [described(item) for item in value]
    if isinstance(value, (datetime.date, bytes)):
        return repr(value)
    if hasattr(value, "items"):
        return {name.lower(): item for name, item in value.items()}
    return value if value is None or isinstance(value, (str, int, float)) else repr(value)


def failed(error):
    headers = getattr(error, "headers", None)
    return {
        "error": type(error).__name__,
        "family": [cls.__name__ for cls in type(error).__mro__],
        "text": str(error),
        "status": getattr(error, "status", None),
        "reason": getattr(error, "reason", None),
        "body": getattr(error, "body", None),
        "headers": headers and {name.lower(): value for name, value in headers.items()},
    }


def names(job):
    """What an expression may use."""
    import wavefront_api_client
    from wavefront_api_client import models

    configuration = wavefront_api_client.Configuration()
    lenient = wavefront_api_client.Configuration()
    lenient.client_side_validation = False
    if job.get("host"):
        configuration.host = job["host"]
    if job.get("key"):
        configuration.api_key["X-AUTH-TOKEN"] = job["key"]
    if hasattr(configuration, "retries"):
        configuration.retries = job.get("retries", 0)
    known = {
        "w": wavefront_api_client,
        "models": models,
        "configuration": configuration,
        "lenient": lenient,
        "datetime": datetime,
        "logging": logging,
        "other": job.get("other"),
        "caught": caught,
    }
    for name in ("UserApiToken", "ApiTokenModel", "ResponseStatus"):
        known[name] = getattr(models, name)
    exec(job.get("setup", ""), known)  # noqa: S102 (constants of the test file)
    client = known.get("client") or wavefront_api_client.ApiClient(configuration)
    known.update(client=client, api=wavefront_api_client.ApiTokenApi(client))
    return known


def caught(call):
    """The exception that a call raises."""
    try:
        call()
    except Exception as error:
        return error
    return None


def outcome(job):
    try:
        value = eval(job["expression"], names(job))  # noqa: S307 (constants of the test file)
        return {"value": described(value)}
    except Exception as error:
        return failed(error)


def main():
    warnings.simplefilter("ignore")
    # The official client prints to standard output when it debugs.
    answers, sys.stdout = sys.stdout, sys.stderr
    for line in sys.stdin:
        answers.write(json.dumps(outcome(json.loads(line)), default=repr) + "\n")
        answers.flush()


if __name__ == "__main__":
    main()
