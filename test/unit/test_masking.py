"""masking: a token as it may be printed."""

from __future__ import annotations

from cases import for_all

from wavefront_api_client.masking import mask_token


@for_all(
    ("token", "shown"),
    [
        ("7b5e1c3a-9d0f-4e2b-8a6c-1f2d3e4b898d", "***898d"),
        ("12345678", "***5678"),
        ("1234567", "***"),
        ("", "***"),
        (None, "***"),
    ],
)
def test_a_token_shows_its_end(token, shown):
    assert mask_token(token) == shown
