"""``python -m bench [PART ...]``: measure, print the table, write ``bench/results.json``; exit 1 when a bar is missed."""

import argparse
import os
import sys
from datetime import datetime

PARTS = ("ranking", "api", "pages", "official", "intake", "load")
PUBLISHED = 8
"""Rankings that the public can read."""


def arguments(argv: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("parts", nargs="*", help=f"any of {', '.join(PARTS)} (default: all)")
    parser.add_argument("--history", type=int, default=1_000_000, help="cases in the database (default 1,000,000)")
    parser.add_argument("--window", type=int, default=150_000, help="cases in the ranking's window (default 150,000)")
    parser.add_argument("--rows", type=int, default=1_000_000, help="rows that load_city loads (default 1,000,000)")
    parser.add_argument("--posted", type=int, default=20_000, help="cases sent to the API (default 20,000)")
    parser.add_argument("--repeat", type=int, default=7, help="repetitions of a ranking (default 7)")
    parser.add_argument("--full", action="store_true", help="also 10 M of history and 1 M cases in a window; takes long")
    options = parser.parse_args(argv)
    unknown = set(options.parts) - set(PARTS)
    if unknown:
        parser.error(f"no such part: {', '.join(sorted(unknown))}")
    options.parts = options.parts or list(PARTS)
    return options


def main() -> int:
    options = arguments()
    os.environ["DJANGO_SETTINGS_MODULE"] = "bench.settings"
    os.environ.setdefault("PORTAL_DATA_DIR", os.path.join(".data", "bench"))
    from portal import trial

    try:
        with trial.database():
            return run(options)
    except trial.TrialError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def run(options: argparse.Namespace) -> int:
    import django

    django.setup()
    from bench import database, intake, loading, official, published, reading, servers
    from bench.report import HEAD, Report

    report = Report()
    print(HEAD)
    database.make()
    period = make_city(options)
    wanted = set(options.parts)
    if "ranking" in wanted:
        rankings(report, options, period)
    if wanted & {"api", "pages", "official", "intake"}:
        published.publish(period, PUBLISHED)
        with servers.portal() as base:
            if "api" in wanted:
                reading.measure_api(report, base, period)
            if "pages" in wanted:
                reading.measure_page(report, base)
            if "official" in wanted:
                official.measure(report, base, period)
            if "intake" in wanted:
                intake.measure(report, base, period, options.posted)
    if "load" in wanted:
        loading.measure(report, options.rows)
    print()
    print(report.table())
    report.write({name: value for name, value in vars(options).items() if name != "parts"})
    return 1 if any(line.met is False for line in report.lines) else 0


def make_city(options: argparse.Namespace) -> "HalfMonth":
    """The city with its history; the half month whose window holds what ``--window`` says."""
    from bench import city
    from portal.rules import CHINA, HalfMonth

    period = HalfMonth.parse("2021-10-H2")
    start = period.shift(-2).start
    city.build(city.Size())
    with city.bulk():
        city.add_cases(options.history - options.window, datetime(2017, 1, 1, tzinfo=CHINA), start, prefix="H")
        city.add_cases(options.window, start, period.end, prefix="W")
    return period


def rankings(report, options: argparse.Namespace, period) -> None:
    from bench import ranking

    ranking.measure(report, period, options.history, 1.6, options.repeat)


if __name__ == "__main__":
    sys.exit(main())
