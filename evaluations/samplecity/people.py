"""Persons of Party building: the one register of them, filled by whoever needs somebody."""

from random import Random

from evaluations.samplecity import names
from evaluations.samplecity.city import City, Table, table, truth

BLOCK = 2
"""The block of invented telephone numbers of this register."""


class People:
    """Gives out persons, each with a code of its own."""

    def __init__(self, city: City) -> None:
        self._city = city
        self._rows: list[tuple] = []

    def _add(self, rng: Random, region: str, body: str, post: str, member: bool, enterprise: str = "") -> str:
        number = len(self._rows) + 1
        code = f"P-{number:05d}"
        name = names.person(rng)
        self._rows.append((code, name, "", names.phone(BLOCK, number), region, body, post, truth(member), enterprise))
        return code

    def of_community(self, rng: Random, community: str, post: str, *, party: bool) -> str:
        """A member of a community's Party committee, or else of its residents' committee."""
        body = self._city.communities[community][0] + ("党委" if party else "居民委员会")
        return self._add(rng, community, body, post, party or rng.random() < 0.6)

    def of_street(self, rng: Random, street: str, post: str) -> str:
        return self._add(rng, street, self._city.streets[street][0] + "办事处", post, True)

    def of_district(self, rng: Random, district: str, post: str) -> str:
        return self._add(rng, district, self._city.districts[district] + "住房保障部门", post, True)

    def of_enterprise(self, rng: Random, uscc: str, post: str, *, member: bool) -> str:
        enterprise = self._city.enterprises[uscc]
        return self._add(rng, enterprise.registered_district, enterprise.name, post, member, uscc)

    def table(self) -> Table:
        """The register, with four persons who were entered twice."""
        rows = list(self._rows)
        for number, place in enumerate(range(700, 2_700, 500), start=1):
            rows.append((f"P-9000{number}", *rows[place][1:]))
        return table("persons", "code name id_number phone region home_body post is_party_member enterprise", rows)
