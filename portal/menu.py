"""What an app offers to the frame: entries of the menu, groups of search results."""

from dataclasses import dataclass

from django.utils.functional import Promise


@dataclass(frozen=True)
class MenuEntry:
    """One line of the sidebar, shown to whoever holds ``permission``. ``section`` marks the page as current."""

    group: str | Promise
    title: str | Promise
    url_name: str
    icon: str
    section: str
    permission: str
    is_last: bool = False
    """Whether its group comes after those of all apps."""


@dataclass(frozen=True)
class SearchGroup:
    """Results of one register: its title, ``(label, sub-label, url)`` rows, and where all of them are listed."""

    title: str | Promise
    rows: list[tuple[str, str, str]]
    all_url: str
