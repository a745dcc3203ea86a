"""The types that a script may want to name, beside those that the package itself exports."""

from __future__ import annotations

from wavefront_api_client._model import Model
from wavefront_api_client._operation import BodyOptions, CallOptions
from wavefront_api_client._workers import AsyncResult
from wavefront_api_client.retry import RetryPolicy

__all__ = ["AsyncResult", "BodyOptions", "CallOptions", "Model", "RetryPolicy"]
