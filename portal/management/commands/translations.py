"""Keep the Chinese texts: ``manage.py translations`` compiles, ``--update`` collects new texts, ``--check`` finds gaps."""

from django.core.management.base import BaseCommand, CommandError

from portal import translations


class Command(BaseCommand):
    help = "Compile the Chinese catalogue; --update first collects the texts of code and templates; --check exits 1 on a gap."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser):
        parser.add_argument("--update", action="store_true")
        parser.add_argument("--check", action="store_true")

    def handle(self, *, update, check, **options):
        if update:
            translations.update()
        catalogue = translations.read_catalogue()
        if check:
            gaps = translations.missing(catalogue) + translations.untranslated(catalogue)
            for gap in gaps:
                self.stderr.write(gap)
            if gaps:
                raise CommandError(f"{len(gaps)} texts without Chinese.")
        translations.compile_catalogue()
