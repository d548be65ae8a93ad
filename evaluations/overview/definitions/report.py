"""What the report says that no record gives: its own dates, slogans, and what the portal does not keep."""

from django.utils.translation import gettext_lazy as _

from evaluations.overview.definition import YEAR, Definition, Section

_OF_THE_DOCUMENT = _("A fact about the report as a document, not about the city.")
_SLOGAN = _("A figure of speech, not a measurement.")
_HEADINGS = _("A number of headings in the report; nothing is kept under them.")
_PROGRAMME_OF_UNIVERSITIES = _("The name of a programme of universities, not a quantity.")
_NO_BULLETINS = _("The portal keeps no monthly bulletins.")


SECTIONS = (
    Section(
        "report",
        _("Not counted from records"),
        (
            Definition("report.research_year", _("Year of the research"), _OF_THE_DOCUMENT, YEAR),
            Definition("report.date", _("Date on the cover"), _OF_THE_DOCUMENT),
            Definition("report.signature_date", _("Date under the signature"), _OF_THE_DOCUMENT),
            Definition(
                "report.overview_as_of",
                _("Month of which the overview speaks"),
                _("The day on which everything is counted, chosen by the reader; this is the report's own."),
            ),
            Definition(
                "programme.party_congress_no",
                _("Number of the Party congress"),
                _("A name in the note of the milestone, not a quantity."),
            ),
            Definition("programme.last_metres", _("The last 100 metres"), _SLOGAN),
            Definition(
                "programme.last_metres_repeat", _("The last 100 metres"), _SLOGAN, repeats="programme.last_metres"
            ),
            Definition("programme.four_important", _("Four goals"), _HEADINGS),
            Definition("programme.four_insist", _("Four principles"), _HEADINGS),
            Definition("programme.effects_count", _("Ten effects"), _HEADINGS),
            Definition("graduate.programme_985", _("Programme 985"), _PROGRAMME_OF_UNIVERSITIES),
            Definition("graduate.programme_211", _("Programme 211"), _PROGRAMME_OF_UNIVERSITIES),
            Definition(
                "supervision.patrol_levels",
                _("Levels of patrol teams"),
                _("The portal keeps no patrols and their teams."),
            ),
            Definition(
                "appraisal.steps",
                _("Steps of the online appraisal"),
                _("The portal keeps cases and rankings; the steps between them are no records."),
            ),
            Definition("appraisal.bulletin_start_month", _("First month of the bulletin"), _NO_BULLETINS),
            Definition("appraisal.bulletin_cadence", _("Months between two bulletins"), _NO_BULLETINS),
        ),
    ),
)
