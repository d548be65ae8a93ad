"""The five filings: chains of accepted ones as they should be, and lately filed ones in every state."""

from collections.abc import Iterator
from datetime import date, timedelta
from random import Random
from typing import NamedTuple

from estates.rules import FILING_DUE_DAYS, REQUIRED_DOCUMENTS
from evaluations.samplecity.city import City, Table, between, table
from evaluations.samplecity.contracts import Contract
from evaluations.samplecity.registers import Estate
from evaluations.samplecity.service import Change

CHAINS = 220
"""Neighbourhoods whose four preliminary filings are on record."""
LATELY = 320
"""Service contracts filed lately with their documents, as far as there are so many; older filings are kept without."""
NO_HANDOVER, NO_CONTRACT = 40, 150
"""Of so many changes of the enterprise, and of so many contracts, one was never filed."""

ALL, ONE_MISSING, NONE = "all", "one missing", "none"
"""Which of its required documents a filing has."""

TITLES = {
    "application": "备案申请表",
    "planning_permit": "建设工程规划许可证",
    "area_plan": "物业管理区域平面图",
    "residents_committee_opinion": "居民委员会意见",
    "tender_notice": "招标公告",
    "tender_documents": "招标文件",
    "bid_evaluation": "评标报告",
    "award_notice": "中标通知书",
    "contract": "物业服务合同",
    "interim_rules": "临时管理规约",
    "handover_agreement": "承接查验协议",
    "inspection_record": "承接查验记录",
    "handover_list": "移交资料清单",
    "owners_resolution": "业主大会决议",
}


class Filing(NamedTuple):
    number: str
    kind: str
    estate: str
    enterprise: str
    applicant: str
    triggered_on: date
    due_on: date
    submitted_on: date | str
    status: str
    decided_on: date | str
    reason: str
    supersedes: str


class _Drawer:
    """Numbers filings and draws what becomes of them; keeps them and their documents."""

    def __init__(self, city: City) -> None:
        self.rng = city.rng("filings")
        self.as_of = city.as_of
        self.filings: list[Filing] = []
        self.documents: list[tuple] = []

    def accepted(self, kind: str, estate: Estate, applicant: str, triggered_on: date, status: str = "accepted") -> date:
        """File and accept, some of them late; the day of the decision."""
        due_on = triggered_on + timedelta(days=FILING_DUE_DAYS[kind])
        late = self.rng.random() < 0.08
        submitted = (
            due_on + timedelta(days=self.rng.randint(1, 40)) if late else between(self.rng, triggered_on, due_on)
        )
        decided = submitted + timedelta(days=self.rng.randint(2, 14))
        self.add(kind, estate, applicant, triggered_on, submitted, status, decided)
        return decided

    def add(
        self, kind: str, estate: Estate, applicant: str, triggered_on: date, submitted: date | str, status: str,
        decided: date | str = "", reason: str = "", papers: str = ALL,
    ) -> None:  # fmt: skip
        number = f"BA-{triggered_on:%Y}-{len(self.filings) + 1:05d}"
        due_on = triggered_on + timedelta(days=FILING_DUE_DAYS[kind])
        enterprise = "" if kind in ("area", "tender") else estate.enterprise_uscc
        self.filings.append(
            Filing(number, kind, estate.code, enterprise, applicant, triggered_on, due_on, submitted, status, decided, reason, "")
        )  # fmt: skip
        if papers == NONE:
            return
        for place, document in enumerate(sorted(REQUIRED_DOCUMENTS[kind])):
            if papers == ALL or place != 1:
                received = submitted or triggered_on
                self.documents.append((number, document, TITLES[document], f"{number[3:]}-{place + 1}", received))


def tables(city: City, changed: list[Change], made: list[Contract]) -> Iterator[Table]:
    drawer = _Drawer(city)
    _chains(city, drawer)
    for place, one in enumerate(changed):
        if one.after and place % NO_HANDOVER:
            company = city.enterprises[one.after].name
            drawer.accepted("handover", city.estates[one.estate], company, one.day - timedelta(days=70))
    _service_contracts(city, drawer, made)
    yield table(
        "filings",
        "number kind estate enterprise applicant triggered_on due_on submitted_on status decided_on reason supersedes",
        drawer.filings,
    )
    yield table("filing-documents", "filing kind title reference_no received_on", drawer.documents)


def _chains(city: City, drawer: _Drawer) -> None:
    """Newer neighbourhoods, whose developer filed area, tender and contract before the enterprise took over."""
    rng = drawer.rng
    newer = [one for one in city.registers.estates if one.kind == "professional" and one.built_year >= 2014]
    for estate in rng.sample(newer, min(CHAINS, len(newer))):
        developer = f"武汉{estate.name[:2]}置业有限公司"
        day = between(rng, date(2013, 1, 7), date(2013, 11, 29))
        day = drawer.accepted("area", estate, developer, day)
        day = drawer.accepted("tender", estate, developer, day + timedelta(days=rng.randint(20, 60)))
        stale = "superseded" if rng.random() < 0.3 else "expired"
        day = drawer.accepted("preliminary_contract", estate, developer, day + timedelta(days=10), stale)
        company = city.enterprises[estate.enterprise_uscc].name
        drawer.accepted("handover", estate, company, max(day, estate.delivered_on) + timedelta(days=15))


def _service_contracts(city: City, drawer: _Drawer, made: list[Contract]) -> None:
    """The owners' contracts signed within the last months, each filed, or about to be."""
    rng, as_of = drawer.rng, city.as_of
    signed = [
        one for one in made if one.kind == "owners" and one.signed_on < as_of and (as_of - one.signed_on).days < 300
    ]
    lately = rng.sample(signed, min(LATELY, len(signed)))
    _filed_before(city, drawer, made, {contract.estate for contract in lately})
    for contract in lately:
        estate = city.estates[contract.estate]
        company = city.enterprises[estate.enterprise_uscc].name
        day = contract.signed_on
        age = (as_of - day).days
        if age > 45:
            _older(drawer, estate, company, day, rng)
        elif age > 8 and rng.random() < 0.75:
            submitted = day + timedelta(days=rng.randint(1, 8))
            if rng.random() < 0.3:
                drawer.add(
                    "service_contract",
                    estate,
                    company,
                    day,
                    submitted,
                    "correction_requested",
                    reason="缺业主大会决议原件",
                    papers=ONE_MISSING,
                )
            else:
                drawer.add(
                    "service_contract",
                    estate,
                    company,
                    day,
                    submitted,
                    "submitted",
                    papers=ONE_MISSING if rng.random() < 0.15 else ALL,
                )
        else:
            drawer.add("service_contract", estate, company, day, "", "draft", papers=ONE_MISSING)


def _filed_before(city: City, drawer: _Drawer, made: list[Contract], lately: set[str]) -> None:
    """The filing of each other neighbourhood's contract; a few were forgotten."""
    rng = drawer.rng
    latest = {contract.estate: contract for contract in made if contract.kind != "emergency"}
    for place, contract in enumerate(latest.values()):
        submitted = contract.signed_on + timedelta(
            days=rng.randint(1, 15) if rng.random() < 0.93 else rng.randint(16, 50)
        )
        decided = submitted + timedelta(days=rng.randint(2, 12))
        if contract.estate not in lately and place % NO_CONTRACT and decided < city.as_of:
            estate = city.estates[contract.estate]
            company = city.enterprises[estate.enterprise_uscc].name
            drawer.add(
                "service_contract", estate, company, contract.signed_on, submitted, "accepted", decided, papers=NONE
            )


def _older(drawer: _Drawer, estate: Estate, company: str, day: date, rng: Random) -> None:
    chance = rng.random()
    if chance < 0.06:  # still not handed in
        drawer.add("service_contract", estate, company, day, "", "draft", papers=ONE_MISSING)
        return
    submitted = day + timedelta(days=rng.randint(2, 30))
    if chance < 0.12:
        decided = submitted + timedelta(days=6)
        drawer.add(
            "service_contract",
            estate,
            company,
            day,
            submitted,
            "rejected",
            decided,
            "合同期限与业主大会决议不符",
            papers=ONE_MISSING,
        )
        return
    decided = submitted + timedelta(days=rng.randint(2, 12))
    drawer.add("service_contract", estate, company, day, submitted, "accepted", decided)
