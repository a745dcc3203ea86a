"""masking: a token as it may be printed."""

from __future__ import annotations

from cases import for_all

from wavefront_api_client.masking import mask_secrets, mask_token


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


KEY = "7b5e1c3a-9d0f-4e2b-8a6c-1f2d3e4b898d"
BARE = KEY.replace("-", "")
OTHER = "00112233445566778899AABBCCDDEEFF"


@for_all(
    ("said", "shown"),
    [
        (f"no room for {KEY}", "no room for ***"),
        (f"no room for {BARE}.", "no room for ***."),
        (f"<{BARE.upper()}>", "<***>"),
        (f"id={OTHER};", "id=***;"),
        (f"begins with {KEY[:18]}", "begins with ***"),
        (f"begins with {KEY[:18]}-...", "begins with ***-..."),
        (f"x{OTHER}", f"x{OTHER}"),
        (f"ends with {KEY[-17:]}", "ends with ***"),
        (f"{BARE[:16]} {BARE[16:]}", "*** ***"),
        (f"{BARE[:15]} is too little", f"{BARE[:15]} is too little"),
        (f"half of another one: {OTHER[:16]}", f"half of another one: {OTHER[:16]}"),
        ("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",) * 2,
        ("2026-11-30 12:00:00 nothing - is -- hidden",) * 2,
    ],
)
def test_a_uuid_is_hidden_without_its_dashes_and_by_halves(said, shown):
    assert mask_secrets(said, [KEY, "no UUID"]) == shown


def test_a_long_text_of_digits_takes_no_time():
    text = "0123456789abcde-" * 200_000
    assert mask_secrets(text, [KEY]) == text
