#!/usr/bin/env python
"""Django's command line. Brings up the trial's database for the command's own run when no server is named."""

import os
import sys

from portal import trial

# These read no data; everything else may, so it gets a database.
WITHOUT_DATABASE = {
    "help",
    "version",
    "--help",
    "--version",
    "translations",
    "collectstatic",
    "startapp",
    "spectacular",
}


def main() -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
    from django.core.management import execute_from_command_line

    if len(sys.argv) < 2 or sys.argv[1] in WITHOUT_DATABASE:
        execute_from_command_line(sys.argv)
        return 0
    try:
        with trial.database():
            start_in_the_terminal_s_language()
            execute_from_command_line(sys.argv)
    except trial.TrialError as error:
        start_in_the_terminal_s_language()
        from django.utils.translation import gettext

        print(gettext(error.text) % error.values, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


def start_in_the_terminal_s_language() -> None:
    """English under an English LANG; Chinese, the portal's own, otherwise."""
    import django
    from django.utils import translation

    django.setup()
    language = os.environ.get("LC_ALL") or os.environ.get("LC_MESSAGES") or os.environ.get("LANG") or ""
    if language.startswith("en"):
        translation.activate("en")


if __name__ == "__main__":
    sys.exit(main())
