"""The command: prepare the environments, take the measures, print and write the results."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Mapping
from pathlib import Path

from benchmarks import environment, plot, report, rounds, server
from benchmarks.contenders import CONTENDERS, OURS, RAW, Contender
from benchmarks.environment import Environment
from benchmarks.measures import FULL, SMALL, Setting, all_measures
from benchmarks.processes import ROOT

CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
WORKDIR = CACHE / "wavefront-api-client-benchmarks"
RESULTS = ROOT / "benchmarks" / "results"
PACKAGES = ("urllib3", "requests", "httpx", "wavefront-api-client")


def arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    names = [one.name for one in all_measures(FULL)]
    parser.add_argument("--rounds", type=int, help="rounds to take (5; with --small 1)")
    parser.add_argument("--small", action="store_true", help="smallest sizes: does it all work?")
    parser.add_argument("--clients", nargs="+", choices=CONTENDERS, default=list(CONTENDERS))
    parser.add_argument("--measures", nargs="+", choices=names, default=names)
    parser.add_argument("--output", type=Path, help=f"folder of the results ({RESULTS})")
    parser.add_argument("--workdir", type=Path, default=WORKDIR, help="folder kept between runs")
    return parser.parse_args()


def prepared(workdir: Path, names: list[str], patience: float) -> dict[str, Environment]:
    """Make the environments that the named contenders need."""
    environments = {"main": environment.main_environment(workdir, patience)}
    if any(CONTENDERS[name].environment == "official" for name in names):
        environments["official"] = environment.official_environment(workdir, patience)
    return environments


def present(names: list[str], environments: Mapping[str, Environment]) -> list[Contender]:
    """Return raw urllib3 and those of the named contenders that could be installed."""
    named = [one for one in CONTENDERS.values() if one.name in names or one is RAW]
    found = [one for one in named if environments[one.environment].holds(one.package)]
    for one in named:
        if one not in found:
            say(f"{one.title} is not here and is left out")
    return found


def versions(environments: Mapping[str, Environment]) -> dict[str, dict[str, str]]:
    """Return the versions of the measured packages in each environment."""
    everything = {name: one.versions() for name, one in environments.items()}
    return {
        name: {package: found[package] for package in PACKAGES if package in found}
        for name, found in everything.items()
    }


def say(text: str) -> None:
    """Tell the person who waits."""
    print(text, file=sys.stderr, flush=True)


def main() -> int:
    """Run the benchmark; the exit status is 1 if ours is not there or fails."""
    options = arguments()
    sizes = SMALL if options.small else FULL
    count = options.rounds or (1 if options.small else 5)
    environments = prepared(options.workdir, options.clients, 10 if options.small else 300)
    contenders = present(options.clients, environments)
    measures = [one for one in all_measures(sizes) if one.name in options.measures]
    with server.running(sizes.tokens) as urls:
        outcomes = rounds.run(measures, contenders, Setting(environments, urls), count, say)
    facts = report.conditions(count, "small" if options.small else "full", versions(environments))
    page = report.as_markdown(outcomes, contenders, facts)
    print(page)
    folder = options.output or (options.workdir / "small" if options.small else RESULTS)
    files = {"results.md": page, "results.json": report.as_json(outcomes, facts)}
    report.write(folder, {**files, "results.svg": plot.as_svg(outcomes, contenders)})
    say(f"written to {folder}")
    return int(any(one.series[OURS.name].failure for one in outcomes if OURS in contenders))


if __name__ == "__main__":
    sys.exit(main())
