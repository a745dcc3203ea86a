"""The exit statuses and what they mean: help and docs say the same."""

from __future__ import annotations

DONE = 0
FAILED = 1
USAGE = 2
FINDINGS = 3
NOT_FOUND = 4
NO_SLOT = 5
UNFINISHED = 6
NO_PERMISSION = 7
REFUSED = 8
INTERRUPTED = 130
CLOSED_PIPE = 141

MEANINGS = {
    DONE: "done",
    FAILED: "failed or partly failed",
    USAGE: "wrong usage or no credentials, and nothing was sent",
    FINDINGS: "the audit found what --fail-on names, or --check a difference",
    NOT_FOUND: "no such token, or more than one",
    NO_SLOT: "the account holds as many tokens as it may",
    UNFINISHED: "unfinished: run it again, or look",
    NO_PERMISSION: "no permission (401, 403)",
    REFUSED: "refused for safety",
    INTERRUPTED: "interrupted",
    CLOSED_PIPE: "the program that read the output has ended",
}
