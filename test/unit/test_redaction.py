"""_core.secrets: what is secret, and how it is hidden."""

from __future__ import annotations

import html
import html.entities
import json
import re
import time
from base64 import b64encode
from urllib.parse import quote, unquote

import pytest
from cases import drawn, for_all, texts
from hypothesis import given
from hypothesis import strategies as st
from urllib3._collections import HTTPHeaderDict

from wavefront_api_client._core import secrets
from wavefront_api_client._core.secrets import (
    LAYERS,
    MASK,
    Secrets,
    holds_credential,
    mask_target,
    origin_of,
    secrets_of_call,
    unescape,
)

CANARY = "c4n4ry-<&\"'>-é\\/+"
UUID = "01234567-89ab-cdef-0123-456789abcdef"


def redact(text, known=()):
    return secrets.redact(text, Secrets(known))


def excerpt(text, known=()):
    return secrets.excerpt(text, Secrets(known))


def redact_answer_headers(headers, known):
    return secrets.redact_answer_headers(headers, Secrets(known))


def test_the_mask():
    assert MASK == "***"


@for_all(
    ("target", "masked"),
    [
        ("/api/v2/apitoken", "/api/v2/apitoken"),
        ("/api/v2/apitoken/secret", "/api/v2/apitoken/***"),
        ("/api/v2/apitoken/customertokens", "/api/v2/apitoken/customertokens"),
        ("/api/v2/apitoken/customertokens/revoke", "/api/v2/apitoken/customertokens/revoke"),
        ("/api/v2/apitoken/customertokens/secret", "/api/v2/apitoken/customertokens/***"),
        ("/api/v2/apitoken/serviceaccount/sa%3A%3Ax", "/api/v2/apitoken/serviceaccount/***"),
        (
            "/api/v2/apitoken/serviceaccount/sa%3A%3Ax/secret",
            "/api/v2/apitoken/serviceaccount/***/***",
        ),
        ("/api/v2/apitoken/secret?key=secret", "/api/v2/apitoken/***"),
        ("/api/v2/apitoken?key=secret", "/api/v2/apitoken"),
        ("/api/v2/apitoken/secret#secret", "/api/v2/apitoken/***"),
        ("/api/v2/apitoken/", "/api/v2/apitoken/"),
        ("/API/v2", "/***/v2"),
        ("/", "/"),
        ("https://h:8443/api/v2/apitoken/secret?x=y", "https://h:8443/api/v2/apitoken/***"),
        ("https://user:secret@h/api/secret", "https://h/api/***"),
        ("http://h", "http://h"),
    ],
)
def test_a_target_shows_only_the_words_of_the_api(target, masked):
    assert mask_target(target) == masked


@for_all(
    ("url", "origin"),
    [
        ("https://h/x?y", "https://h"),
        ("http://h:80/x", "http://h:80"),
        ("https://user:p@ss@h:1/x", "https://h:1"),
        ("https://user@h", "https://h"),
        ("https://[::1]:8443/x", "https://[::1]:8443"),
    ],
)
def test_an_origin_is_scheme_host_and_port(url, origin):
    assert origin_of(url) == origin


@for_all("name", ["X-AUTH-TOKEN", "x-auth-token", "Authorization", "AUTHORIZATION"])
def test_the_headers_that_authenticate(name):
    assert holds_credential({name: "x"}) is True
    assert holds_credential(["Accept", name]) is True


@pytest.mark.parametrize("names", [[], ["Accept"], ["X-AUTH-TOKENS", "Cookie", "User-Agent"]])
def test_the_headers_that_do_not(names):
    assert holds_credential(names) is False


def test_the_secrets_in_a_url_are_its_unknown_segments_decoded():
    url = "https://h/api/v2/apitoken/serviceaccount/sa%3A%3Aname/t%2Fk%20n"
    assert secrets_of_call(url, {}) == {"sa::name", "t/k n"}
    assert secrets_of_call("https://h/api/v2/apitoken/customertokens/revoke", {}) == set()


def test_the_secrets_in_headers_are_all_values_but_the_plain_ones():
    headers = {
        "Accept": "application/json",
        "ACCEPT-ENCODING": "gzip",
        "content-type": "application/json",
        "User-Agent": "something",
        "X-AUTH-TOKEN": "keykey",
        "Authorization": "Bearer tokentoken",
        "X-Own": "own value",
    }
    expected = {"keykey", "Bearer tokentoken", "tokentoken", "own value", "value"}
    assert secrets_of_call("https://h/api", headers) == expected


@pytest.mark.parametrize("name", ["Cookie", "cookie"])
def test_the_secrets_in_a_cookie_are_its_values_too(name):
    headers = {name: "first=value1; second = value=2 ;third;x=abc"}
    found = secrets_of_call("https://h/api", headers)
    assert {"value1", "value=2", headers[name]} <= found
    assert not {"abc", ""} & found


def test_the_secrets_in_a_body_are_tokens_at_any_depth():
    body = {
        "tokenID": "token-1",
        "id": "token-2",
        "tokenName": "no secret",
        "response": [{"tokenID": "token-3"}, ({"id": "token-4"},), "text", 5],
        "status": {"id": {"tokenID": "token-5"}, "tokenID": 12345, "code": None},
    }
    found = secrets_of_call("https://h/api", {}, body)
    assert found == {"token-1", "token-2", "token-3", "token-4", "token-5"}
    assert secrets_of_call("https://h/api", {}, None) == set()
    assert secrets_of_call("https://h/api", {}, "tokenID") == set()
    assert secrets_of_call("https://h/api", {}, [{"id": "listed"}]) == {"listed"}


def test_what_is_too_short_to_be_a_secret_is_left():
    headers = {"X-AUTH-TOKEN": "abc", "Authorization": "Bea four"}
    url = "https://h/api/abc/abcd"
    found = secrets_of_call(url, headers, {"id": "xyz"}, {"pqr", "pqrs"})
    assert found == {"Bea four", "four", "abcd", "pqrs"}


@for_all("word", ["Bearer", "bearer", "Basic", "Token", "Digest"])
def test_the_word_before_a_credential_is_no_secret(word):
    headers = {"Authorization": f"{word} abcdefgh"}
    assert secrets_of_call("https://h/api", headers) == {f"{word} abcdefgh", "abcdefgh"}


def test_user_and_password_in_a_url_are_secrets():
    found = secrets_of_call("https://us%2Fer:pass%3Aword@h/api", {})
    assert found == {"us%2Fer:pass%3Aword", "us/er:pass:word", "us/er", "pass:word"}


@pytest.mark.parametrize("url", ["https://u:p\uff20ss@h/api/t0ken", "https://u:[p\uff20ss@h/t0ken"])
def test_no_url_is_an_error(url):
    assert {"t0ken", *(["p\uff20ss"] if "[" not in url else ["[p\uff20ss"])} <= secrets_of_call(
        url, {}
    )
    assert "\uff20" not in mask_target(url) + origin_of(url)


def escaped(text):
    return json.dumps(text)[1:-1]


def each(write):
    """A spelling that writes every character in the same way."""
    return lambda text: "".join(write(character) for character in text)


def special(write):
    """A spelling that writes what is no letter or digit in another way."""
    return each(lambda c: c if c.isascii() and c.isalnum() else write(c))


def every_other(write):
    """A spelling that leaves half of the characters as they are."""
    return lambda text: "".join(write(c) if i % 2 else c for i, c in enumerate(text))


def units(character):
    raw = character.encode("utf-16-be")
    return [raw[i : i + 2].hex() for i in range(0, len(raw), 2)]


def unicode_escape(character):
    return "".join(f"\\u{unit}" for unit in units(character))


NAMES = html.entities.html5
NAME_OF = {NAMES[name]: name[:-1] for name in NAMES if name.islower() and name.endswith(";")}

SPELLINGS = {
    "plain": lambda text: text,
    "percent": lambda text: quote(text, safe=""),
    "percent in lower case": lambda text: quote(text, safe="").lower(),
    "percent but slashes": quote,
    "percent but slashes in lower case": lambda text: quote(text).lower(),
    "percent as in a query": lambda text: quote(text, safe="/+=&?:"),
    "percent twice": lambda text: quote(quote(text, safe=""), safe=""),
    "percent everywhere": each(lambda c: "".join(f"%{byte:02x}" for byte in c.encode())),
    "percent here and there": every_other(lambda c: quote(c, safe="")),
    "json": escaped,
    "json in unicode": lambda text: json.dumps(text, ensure_ascii=False)[1:-1],
    "json with slashes escaped": lambda text: escaped(text).replace("/", "\\/"),
    "json in json": lambda text: escaped(escaped(text)),
    "json five times": lambda text: escaped(escaped(escaped(escaped(escaped(text))))),
    "json of percent": lambda text: escaped(quote(text)),
    "Gson": special(unicode_escape),
    "Gson in JSON": lambda text: escaped(special(unicode_escape)(text)),
    "Gson of HTML": lambda text: html.escape(text).replace("&", "\\u0026").replace("=", "\\u003d"),
    ".NET": special(lambda c: unicode_escape(c).upper().replace("U", "u")),
    "Handlebars": special(lambda c: f"&#x{ord(c):X};"),
    "OWASP": special(lambda c: f"&#x{ord(c):x};"),
    "Go in HTML": special(lambda c: f"&#{ord(c)};"),
    "HTML with zeros": every_other(lambda c: f"&#{ord(c):07d};"),
    "HTML with zeros in hexadecimal": every_other(lambda c: f"&#X{ord(c):06X};"),
    "HTML without semicolons": special(lambda c: f"&#{ord(c)}" if c != "-" else c),
    "HTML by name": each(lambda c: f"&{NAME_OF[c]};" if c in NAME_OF and not c.isalnum() else c),
    "HTML by name twice": lambda text: html.escape(html.escape(text)),
    "html": html.escape,
    "html outside of attributes": lambda text: html.escape(text, quote=False),
    "html in json": lambda text: escaped(html.escape(text)),
    "all at once": lambda text: quote(escaped(html.escape(quote(escaped(text))))),
    "upper case": str.upper,
}
SECRETS = [CANARY, 'päss/word+"x"', "a\\b/c&d=é€f", "Zm9v+YmF/yZXg=="]
WRITTEN = [
    (name, secret)
    for name in SPELLINGS
    for secret in SECRETS
    if name != "upper case" or secret.isascii()
]


@for_all(("spelling", "secret"), WRITTEN)
def test_a_secret_is_hidden_however_it_is_written(spelling, secret):
    text = SPELLINGS[spelling](secret)
    assert redact(f"a {text} b {text}.", [secret]) == "a *** b ***."


@pytest.mark.parametrize("secret", ["ABCDEF", "a/b+c", "abcdefg"])
def test_a_short_secret_is_hidden_in_any_case_but_not_in_other_codes(secret):
    shown = redact(f"x {secret} {secret.swapcase()} {quote(secret, safe='')}", [secret])
    assert shown == "x *** *** ***"
    for innocent in (secret.encode().hex(), b64encode(secret.encode()).decode()):
        assert redact(f"an {innocent} it is", [secret]) == f"an {innocent} it is"


@for_all(
    ("text", "shown"),
    [
        (UUID.replace("-", ""), "***"),
        (UUID.replace("-", "").upper(), "***"),
        (UUID[:18], "***"),
        (UUID[18:], "***"),
        (UUID[:25], "***"),
        (UUID[:8], "***"),
        (UUID[:7], UUID[:7]),
        (f"{UUID[:20]}!", "***-0!"),
        (UUID.replace("-", "")[:16], "***"),
        (f"{UUID} and {UUID[:10]}", "*** and ***"),
    ],
)
def test_a_secret_is_hidden_without_punctuation_and_in_halves(text, shown):
    assert redact(f"the key {text}", [UUID]) == f"the key {shown}"


def test_innocent_text_with_escapes_stays_as_it_is():
    text = '{"a": "b\\"c\\u003d", "d": "100%25 &amp; &#61; Ã¤ \\\\x3d"}'
    assert redact(text, [CANARY, "abcdefgh"]) == text


@st.composite
def spelled(draw):
    """A secret, and a text that holds it with each character in a way of its own."""
    secret = draw(st.text("abcdefXYZ0123456789/+=-_.~&<\"' ", min_size=12, max_size=40))
    ways = st.sampled_from([
        lambda c: c,
        unicode_escape,
        lambda c: unicode_escape(c).upper().replace("U", "u"),
        lambda c: f"%{ord(c):02X}",
        lambda c: f"%{ord(c):02x}",
        lambda c: f"&#{ord(c)};",
        lambda c: f"&#x{ord(c):04X};",
        lambda c: c if c.isalnum() or c not in NAME_OF else f"&{NAME_OF[c]};",
        lambda c: f"\\{c}" if c in "/\"'" else c,
    ])  # fmt: skip
    text = "".join(draw(ways)(character) for character in secret)
    around = st.sampled_from([
        lambda text: text,
        escaped,
        lambda text: quote(text, safe=""),
        lambda text: quote(text).lower(),
        html.escape,
        SPELLINGS["Gson"],
        SPELLINGS["OWASP"],
    ])  # fmt: skip
    for write in draw(st.lists(around, max_size=3)):
        text = write(text)
    return secret, text


def unescaped(text):
    """A text without escapes, by other means than those that are tested here."""
    for _ in range(8):
        text = unquote(html.unescape(text.replace("\0", "")))
        text = re.sub(r"\\u(....)", lambda match: chr(int(match[1], 16)), text)
        text = re.sub(r"\\x(..)", lambda match: chr(int(match[1], 16)), text)
        text = text.replace("\\\\", "\\")
    return text.replace("\\", "").lower()


@drawn(200)
@given(
    spelled(),
    st.sampled_from(["", "a ", 'key="', "\n", "{'x': '"]),
    st.sampled_from(["", " b", '"']),
)
def test_no_piece_of_a_secret_survives_however_it_is_written(case, before, after):
    secret, text = case
    shown = unescaped(redact(before + text + after, [secret]))
    plain = unescaped(secret)
    pieces = {plain[i : i + 12] for i in range(len(plain) - 11)}
    assert [piece for piece in pieces if piece in shown] == []


TRAPS = {
    "backslashes": "\\",
    "percent signs": "%",
    "percent of percent": "%25",
    "percent everywhere": "%41",
    "ampersands": "&",
    "ampersands of ampersands": "&amp;",
    "open entities": "&amp;amp;aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
    "open numbers": "&#x00000000000000000000000000",
    "open braces": "\\u{0000000000000000000000",
    "unicode": "\\u0041",
    "nested": "%5Cu0026#x5c;",
    "almost the secret": CANARY[:-1],
    "the secret": CANARY,
    "the secret written otherwise": "c4n4ry-&lt;&amp;&quot;\\u0027\\u003e-é%5C/+",
    "keys without values": '"id"',
    "open texts": '"id":"\\\\"',
    "escaped keys": '\\"id\\":\\"\\\\',
}


def seconds(text):
    begun = time.process_time()
    redact(text, [CANARY])
    return time.process_time() - begun


@pytest.mark.parametrize("trap", TRAPS)
def test_eight_times_the_text_takes_about_eight_times_the_time(trap):
    size = 20_000
    short, long = (TRAPS[trap] * (n // len(TRAPS[trap])) for n in (size, 8 * size))
    most = 24 * max(0.0035, min(seconds(short) for _ in range(2)))
    assert any(seconds(long) < most for _ in range(3))


def test_a_secret_as_json_escapes_it_is_hidden():
    assert redact(json.dumps({"x": CANARY}), [CANARY]) == '{"x": "***"}'


def test_the_forms_of_secrets_are_worked_out_once():
    known = Secrets(["a/b cdef", "second", "third"])
    assert known.forms is known.forms
    assert redact("a%2Fb%20cdef second third", known) == "*** *** ***"
    assert repr(known) == "<3 secrets>"


def test_masking_hides_the_given_secrets_only():
    assert Secrets(["known"]).mask(f'{{"id": "abc"}} {UUID} known') == f'{{"id": "abc"}} {UUID} ***'
    assert Secrets().mask("text") == "text"


def test_a_secret_inside_a_longer_one_does_not_spoil_it():
    assert redact("abcdef abc", ["abc", "abcdef"]) == "*** ***"
    assert redact("abcdef abc", ["abcdef", "abc"]) == "*** ***"


@for_all("secret", ["\ud800secret", "secret\udfff", "\udc80", "\udc80" * 4])
def test_a_secret_that_utf_8_cannot_hold_is_hidden_too(secret):
    assert redact(f"a {secret} b", [secret]) == "a *** b"
    if len(secret) >= 4:
        # A body may hold it: JSON writes it with escapes.
        assert redact(f"a {escaped(secret)} b", [secret]) == "a *** b"


@for_all(
    ("text", "shown"),
    [
        ('{"tokenID": "abc"}', '{"tokenID": "***"}'),
        ('{"tokenID":"abc","x":"y"}', '{"tokenID":"***","x":"y"}'),
        ('{"id" : "abc"}', '{"id" : "***"}'),
        ('{"id":12345}', '{"id":"***"}'),
        ('{"id": null}', '{"id": "***"}'),
        ('{"tokenID": "a\\"b", "x": 1}', '{"tokenID": "***", "x": 1}'),
        ('{"tokenID": "cut of', '{"tokenID": "***"'),
        ('{"tokenName": "abc", "idx": "d"}', '{"tokenName": "abc", "idx": "d"}'),
        ('[{"id": "a"}, {"id": "b"}]', '[{"id": "***"}, {"id": "***"}]'),
        (f"token {UUID} is", "token *** is"),
        (f"token {UUID.upper()} is", "token *** is"),
        (f"x{UUID}", f"x{UUID}"),
        (f"{UUID}0", f"{UUID}0"),
        ("01234567-89ab-cdef-0123", "01234567-89ab-cdef-0123"),
        ("plain text", "plain text"),
        ("", ""),
    ],
)
def test_what_looks_like_a_token_is_hidden_without_being_known(text, shown):
    assert redact(text) == shown


ANSWER = json.dumps({"response": [{"tokenID": "a-token-id", "tokenName": "n"}], "id": 12345})
QUOTED = {
    "JSON": escaped,
    "JSON in JSON": lambda text: escaped(escaped(text)),
    ".NET": lambda text: text.replace('"', "\\u0022"),
    "HTML": html.escape,
    "HTML in JSON": lambda text: html.escape(text).replace("&", "\\u0026"),
    "a query": lambda text: quote(text, safe=""),
}


@for_all("written", QUOTED)
def test_what_looks_like_a_token_is_hidden_under_escapes(written):
    shown = redact(f'{{"message": "{QUOTED[written](ANSWER)}", "code": 5}}')
    assert "a-token-id" not in unescaped(shown)
    assert "12345" not in unescaped(shown)
    assert all(word in unescaped(shown) for word in ("response", "tokenname", '"n"', '"code": 5'))
    assert MASK in shown


@for_all("written", QUOTED)
@for_all("value", [f'"{UUID}"', f'"{UUID.upper()}", "x"'])
def test_what_looks_like_a_uuid_is_hidden_under_escapes(value, written):
    shown = redact(f"no {QUOTED[written](value)} here")
    assert UUID not in unescaped(shown)
    assert MASK in shown


@for_all(
    ("text", "shown"),
    [
        ('{\\"id\\": \\"a\\", \\"b\\": 1}', '{"id": "***", "b": 1}'),
        ('{\\"id\\": 5, \\"b\\": 1}', '{"id": "***", "b": 1}'),
        ('{\\"id\\": \\"a\\\\\\"b\\", 1}', '{"id": "***", 1}'),
        ('{\\"id\\": \\"cut of', '{"id": "***"'),
        ('{"id": "cut of\\', '{"id": "***"'),
        ('{"id": }', '{"id": }'),
        ('{"id": ""}', '{"id": "***"}'),
        ('{"id": "', '{"id": "***"'),
        ('{"id": "a\\\nb"}', '{"id": "***"}'),
        ('{"id": "' + "a" * 5000 + '\\"' * 5000 + '", 1}', '{"id": "***", 1}'),
    ],
)
def test_the_value_of_a_token_ends_where_json_ends_it(text, shown):
    assert redact(text) == shown


@drawn(100)
@given(texts(min_size=4), texts(), texts())
def test_a_secret_never_survives(secret, before, after):
    shown = redact(before + secret + after, [secret])
    assert secret not in shown or secret in MASK * 3


def test_a_short_text_is_not_shortened():
    assert excerpt("x" * 2000) == "x" * 2000
    assert excerpt("") == ""
    assert excerpt("a secret-1 b", ["secret-1"]) == "a *** b"
    assert excerpt(f"a {UUID} b") == "a *** b"


def test_a_long_text_is_shortened_and_says_how_long_it_was():
    assert excerpt("x" * 1999 + "yz") == "x" * 1999 + "y" + "... (2001 characters)"
    assert excerpt("x" * 10**6) == "x" * 2000 + "... (1000000 characters)"


def test_a_long_text_keeps_no_secret():
    secret = "secret-one"
    shown = excerpt(f"{secret} " * 1000, iter([secret]))
    assert "secret" not in shown
    assert shown.startswith("*** *** ")
    assert shown.endswith("... (11000 characters)")
    assert len(shown) == 2000 + len("... (11000 characters)")


@for_all("cut", [2000, 20_000, 20_010])
@for_all("offset", range(-12, 13))
def test_no_part_of_a_secret_is_left_where_a_long_text_is_cut(cut, offset):
    secret = "c4n4ryc4n4ry"
    text = "x" * (cut + offset) + secret + "y" * 30_000
    shown = excerpt(text, [secret])
    assert "c4n" not in shown
    assert "4ry" not in shown
    assert shown.endswith(f"... ({len(text)} characters)")


@for_all("escape", ["%{:02x}", "\\u{:04x}", "&#x{:x};"])
@for_all("offset", range(12))
def test_no_escaped_part_is_left_where_a_long_text_is_cut(escape, offset):
    secret = "c4n4ry-0123456789-c4n4ry-0123456789"
    escaped = "".join(escape.format(ord(each)) for each in secret)
    shown = excerpt("x" * offset + f"{escaped} " * 1000, [secret])
    for part in ("c4n4", "0123", escaped[:12], escaped[-12:]):
        assert part not in shown


def test_no_escaped_part_of_a_token_that_nobody_knows_is_left_where_a_long_text_is_cut():
    token = "".join(f"%{ord(each):02x}" for each in "1f3a9c2e-07b4-4d88-a6c0-ffee12345678")
    for offset in range(0, 108, 5):
        assert "1f3a" not in excerpt("x" * offset + f" {token}" * 1000, [])


@for_all("secret", ["abcd%252Fefgh-ijklmnop", "abcd&amp;amp;efgh-ijklmnop"])
def test_a_secret_with_layers_of_escapes_is_hidden_in_each(secret):
    for text in secrets._layers(secret):
        assert redact(f"no such token: {text}", [secret]) == "no such token: ***"


def test_a_long_text_of_nothing_but_a_secret_shows_nothing_of_it():
    secret = "s" * 30_000
    assert excerpt(secret + "x", [secret]) == "***x... (30001 characters)"
    secret = "s" * 12_000
    assert excerpt(secret * 3, [secret]) == "*********... (36000 characters)"
    assert excerpt(secret * 100, [secret]) == "... (1200000 characters)"


def test_answer_headers_that_can_hold_a_session_or_a_path_are_hidden():
    headers = {
        "Set-Cookie": "session",
        "LOCATION": "https://h/x",
        "Refresh": "0; url=x",
        "Content-Location": "/x",
        "X-Echo": f"key keykey {UUID}",
        "Content-Type": "text/html",
        "Retry-After": 5,
    }
    assert redact_answer_headers(headers, ["keykey"]) == {
        "Set-Cookie": "***",
        "LOCATION": "***",
        "Refresh": "***",
        "Content-Location": "***",
        "X-Echo": "key *** ***",
        "Content-Type": "text/html",
        "Retry-After": "5",
    }


def test_answer_headers_of_urllib3_are_understood():
    headers = HTTPHeaderDict([("A", "1"), ("a", "2"), ("Location", "x")])
    assert redact_answer_headers(headers, iter(["zzzz"])) == {"A": "1, 2", "Location": "***"}


def test_all_headers_are_searched_for_all_secrets():
    headers = {"A": "secret-1", "B": "secret-1 secret-2"}
    shown = redact_answer_headers(headers, (s for s in ["secret-1", "secret-2"]))
    assert shown == {"A": "***", "B": "*** ***"}


# --- escapes ----------------------------------------------------------------------------------


@for_all(
    ("text", "meaning"),
    [
        ("\\u0041\\u00e9\\u20AC", "A\u00e9\u20ac"),
        ("\\ud83d\\ude00", "\U0001f600"),
        ("\\ud83d", "\ud83d"),
        ('\\"\\/\\\\\\n', '"/\\\n'),
        ("%41%c3%a9", "A\u00e9"),
        ("&#65;&#x42;&amp;&quot;&eacute;", 'AB&"\u00e9'),
        ("\\u0026amp;", "&"),
        ("100% & \\", "100% & "),
    ],
)
def test_one_layer_of_escapes_is_read(text, meaning):
    assert unescape(text) == meaning


def test_a_secret_that_holds_more_escapes_than_are_taken_off_is_hidden():
    secret = "a secret"
    for _ in range(LAYERS + 2):
        secret = quote(secret, safe="")
    assert "secret" not in redact(f"x {secret}", [secret])


def test_layers_come_off_one_after_the_other_until_the_last():
    text = "a secret"
    for layer in range(LAYERS + 1):
        assert redact(f"x {text}", ["a secret"]) == ("x ***" if layer <= LAYERS else f"x {text}")
        text = quote(text, safe="")
    assert redact(f"x {text}", ["a secret"]) == f"x {text}"
