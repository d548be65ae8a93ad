"""``python -m bench [PART ...]``: measure, print the table, write ``bench/results.json``; exit 1 when a bar is missed."""

import argparse
import os
import sys
from datetime import datetime

PARTS = ("ranking", "api", "pages", "official", "intake", "load", "workbooks")
PERIOD, LATER_PERIOD = "2021-10-H2", "2022-03-H2"
PUBLISHED = 8
"""Rankings that the public can read."""
MILLION = 1_000_000


def arguments(argv: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("parts", nargs="*", help=f"any of {', '.join(PARTS)} (default: all)")
    parser.add_argument("--history", type=int, default=MILLION, help="cases in the database (default 1,000,000)")
    parser.add_argument("--window", type=int, default=150_000, help="cases reported in the window (default 150,000)")
    parser.add_argument("--rows", type=int, default=MILLION, help="rows that load_city loads (default 1,000,000)")
    parser.add_argument("--posted", type=int, default=20_000, help="cases sent to the API (default 20,000)")
    parser.add_argument("--repeat", type=int, default=11, help="repetitions of a ranking (default 11)")
    parser.add_argument(
        "--full", action="store_true", help="also 1 M cases in a window and 10 M of history; minutes more"
    )
    options = parser.parse_args(argv)
    unknown = set(options.parts) - set(PARTS)
    if unknown:
        parser.error(f"no such part: {', '.join(sorted(unknown))}")
    if options.window > options.history:
        parser.error("--window is part of --history")
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
    """Measure the parts asked for; everything that needs Django is imported from here on."""
    import django

    django.setup()
    from bench import city, database, loading, workbooks
    from bench.report import HEAD, Report
    from portal.rules import HalfMonth

    report, period, wanted = Report(), HalfMonth.parse(PERIOD), set(options.parts)
    print(HEAD)
    database.make()
    city.build(city.Size())
    city.add_history(period, options.history, options.window)
    if "ranking" in wanted:
        rankings(report, options, period)
    if wanted & {"api", "pages", "official", "intake"}:
        serve(report, options, period)
    if "load" in wanted:
        loading.measure(report, min(options.rows, options.history))
    if "workbooks" in wanted:
        workbooks.measure(report)
    print()
    print(report.table())
    report.write({name: value for name, value in vars(options).items() if name != "parts"})
    return 1 if report.missed else 0


def rankings(report, options: argparse.Namespace, period) -> None:
    """The job against the limit; with ``--full`` also on a window of a million, and after the history has grown."""
    from bench import city, ranking
    from bench.report import Line
    from portal.rules import CHINA, HalfMonth

    before = ranking.measure(report, period, options.history, 1.6, options.repeat)
    if not options.full:
        return
    later = HalfMonth.parse(LATER_PERIOD)
    with city.bulk():
        city.add_cases(MILLION, later.shift(-2).start, later.end, prefix="L")
    ranking.measure(report, later, options.history + MILLION, 1.3, options.repeat)
    with city.bulk():
        start, end = datetime(2000, 1, 1, tzinfo=CHINA), datetime(2016, 12, 1, tzinfo=CHINA)
        city.add_cases(8 * MILLION, start, end, prefix="O")
    after = ranking.measure(report, period, options.history + 9 * MILLION, 1.6, options.repeat)
    grown = "compute_ranking, best, after nine million more cases"
    report.add(Line(grown, after, "ms", bar=1.2, peer=before, peer_name="before"))


def serve(report, options: argparse.Namespace, period) -> None:
    """Everything that is measured over HTTP, against one running portal."""
    from bench import intake, official, published, reading, servers

    published.publish(period, PUBLISHED)
    parts = {
        "api": lambda base: reading.measure_api(report, base, period),
        "pages": lambda base: reading.measure_page(report, base),
        "official": lambda base: official.measure(report, base, period),
        "intake": lambda base: intake.measure(report, base, period, options.posted),
    }
    with servers.portal() as base:
        for name in parts:
            if name in options.parts:
                try:
                    parts[name](base)
                except RuntimeError as error:
                    report.fail(name, str(error))


if __name__ == "__main__":
    sys.exit(main())
