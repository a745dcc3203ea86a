"""The call of `wavefront-tokens -o json list`, by a script that prints what came as JSON."""

from __future__ import annotations

import json
import sys

from wavefront_api_client import ApiClient, ApiTokenApi, Configuration

if __name__ == "__main__":
    with ApiClient(Configuration(host=sys.argv[1], api_key="key")) as client:
        tokens = ApiTokenApi(client).get_all_tokens().response or []
    print(json.dumps([token.to_dict() for token in tokens]))
