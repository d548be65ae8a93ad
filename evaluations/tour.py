"""What a visitor of the demo finds: one account per role, five published rankings and one in review, objections and a reply."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import NamedTuple

from django.contrib.auth.hashers import check_password, make_password
from django.db import transaction
from django.db.models import Count

from enterprises.models import Enterprise, EnterpriseMembership
from estates.models import Estate, ServiceAssignment
from evaluations import actions
from evaluations.models import Ranking, RankingEntry, RankingObjection
from evaluations.objections import deciding, raising, replies
from evaluations.objections.raising import Claim
from portal.models import Agency, ApiToken, Grant, Region, User
from portal.roles import ROLES, Role
from portal.rules import HalfMonth

COMPUTER, REVIEWER, SIGNER = "lin", "zhou", "wang"
"""The three city officials: who computes and submits may not sign."""

ENTERPRISE = "zhao"

TOKEN_LABEL = "demo"


class Account(NamedTuple):
    """An account of the demo: who it is, with which role, where."""

    username: str
    name: str
    role: Role
    where: Region | Agency | Enterprise


@transaction.atomic
def settle_accounts(password: str) -> list[Account]:
    """Have the demo's accounts with ``password``, whatever was there before; each with its role in a place that has something
    to show."""
    accounts = _accounts()
    users = {
        user.username: user for user in User.objects.filter(username__in=[account.username for account in accounts])
    }
    stored = next((user.password for user in users.values() if check_password(password, user.password)), "")
    stored = stored or make_password(password)
    for account in accounts:
        user = users.get(account.username)
        if user is None:
            user = User.objects.create(username=account.username, name=account.name, password=stored)
        elif user.password != stored:
            user.password = stored
            user.save(update_fields=["password"])
        if isinstance(account.where, Enterprise):
            EnterpriseMembership.objects.get_or_create(user=user, enterprise=account.where)
        elif isinstance(account.where, Agency):
            Grant.objects.get_or_create(user=user, role=account.role, agency=account.where)
        else:
            Grant.objects.get_or_create(user=user, role=account.role, region=account.where)
    return accounts


def _accounts() -> list[Account]:
    city = Region.objects.get(level=Region.Level.CITY)
    street = _liveliest_street()
    district = street.parent
    enterprise = _busiest_enterprise(district)
    agencies = Agency.objects.order_by("kind", "code")
    station = agencies.filter(code__endswith=district.code).first() or agencies.last()
    further = {
        ("luo", "罗消防"): agencies.filter(code="fire").first(),
        ("he", "何燃气"): agencies.filter(kind=Agency.Kind.UTILITY).first(),
    }
    return [
        Account(COMPUTER, "林晓(测算)", Role.CITY_OFFICIAL, city),
        Account(REVIEWER, "周敏(审核)", Role.CITY_OFFICIAL, city),
        Account(SIGNER, "王建(签发)", Role.CITY_OFFICIAL, city),
        Account("chen", "陈区长办", Role.DISTRICT_OFFICIAL, district),
        Account("xu", "徐复核", Role.DISTRICT_OFFICIAL, district),
        Account("hu", "胡组织", Role.ORGANISATION_DEPARTMENT, city),
        Account("liu", "刘街道", Role.STREET_STAFF, street),
        Account("wu", "吴巡查", Role.INSPECTOR, street),
        Account("sun", "孙处置", Role.AGENCY_HANDLER, station),
        Account(ENTERPRISE, "赵物业", Role.ENTERPRISE_STAFF, enterprise),
        Account("qian", "钱审计", Role.AUDITOR, city),
        Account("feed", "热线平台接口", Role.API_CLIENT, city),
        *(Account(*who, Role.AGENCY_HANDLER, agency) for who, agency in further.items() if agency is not None),
    ]


def _busiest_enterprise(district: Region) -> Enterprise:
    """The enterprise that serves most neighbourhoods of ``district``; of the whole city where nobody serves any there."""
    current = ServiceAssignment.objects.current()
    there = current.filter(estate__community__path__startswith=district.path)
    serving = (there if there.exists() else current).values("enterprise").annotate(estates=Count("pk"))
    return Enterprise.objects.get(pk=serving.order_by("-estates", "enterprise")[0]["enterprise"])


def _liveliest_street() -> Region:
    """The street with most neighbourhoods."""
    streets = Estate.objects.values("community__parent").annotate(estates=Count("pk"))
    return Region.objects.select_related("parent").get(
        pk=streets.order_by("-estates", "community__parent")[0]["community__parent"]
    )


@transaction.atomic
def fresh_token(username: str) -> str:
    """A new API token for the demo's client, in place of the one printed before: only its hash is kept."""
    user = User.objects.get(username=username)
    ApiToken.objects.filter(user=user, label=TOKEN_LABEL).delete()
    _row, token = ApiToken.objects.create(user=user, label=TOKEN_LABEL, permissions=sorted(ROLES[Role.API_CLIENT]))
    return token


@transaction.atomic
def rank(periods: list[HalfMonth], *, now: datetime, done: Callable[[], None]) -> None:
    """Compute ``periods``, oldest first, publish all but the newest and leave that one in review: all of it or nothing.

    Each step is dated when it would have been done, but never after ``now``. ``done`` is called after each period.
    """
    computer, reviewer, signer = (User.objects.get(username=name) for name in (COMPUTER, REVIEWER, SIGNER))
    for period in periods:

        def after(hours: float, period: HalfMonth = period) -> datetime:
            return min(period.end + timedelta(hours=hours), now)

        ranking = actions.compute_ranking(period, now=after(9), by=computer).ranking
        actions.submit_for_review(ranking, by=computer, now=after(10))
        if period != periods[-1]:
            noticed = after(15)
            actions.start_notice(ranking, by=reviewer, now=noticed)
            over = max(noticed + timedelta(days=ranking.policy.notice_days), after(34))
            if over <= now:
                actions.publish(ranking, by=signer, now=over)
        done()


def periods_to_rank(now: datetime) -> list[HalfMonth]:
    """The half months that the tour ranks: those with cases, as long as there is no ranking at all."""
    return [] if Ranking.objects.exists() else actions.missed_periods(now)


# --- objections and a reply -----------------------------------------------------------------------------------------------

Ground = RankingObjection.Ground


def ranking_to_object_to(now: datetime) -> Ranking | None:
    """The newest published ranking that takes objections, as long as there is no objection at all."""
    if RankingObjection.objects.exists():
        return None
    published = Ranking.objects.filter(status=Ranking.Status.PUBLISHED).select_related("policy").order_by("-period")
    ranking = published.first()
    return ranking if ranking and ranking.published_at and ranking.published_at < now else None


@transaction.atomic
def object_to(ranking: Ranking, *, now: datetime) -> None:
    """Two objections of residents, dismissed and marked, one of the enterprise that waits, and its reply beside an entry.

    Each deed is dated when it would have been done, but never after ``now``.
    """
    people = User.objects.in_bulk([REVIEWER, SIGNER, ENTERPRISE], field_name="username")
    first = ranking.published_at
    assert first is not None

    def after(hours: float) -> datetime:
        return min(first + timedelta(hours=hours), now)

    entries = RankingEntry.objects.filter(ranking=ranking, eligible=True)
    for entry, (claim, reason) in zip(entries.order_by("-rank"), _CLAIMS, strict=False):
        objection = raising.raise_as_resident(
            entry, claim, phone="13800138099", address="demo", now=after(6)
        )  # fmt: skip
        deciding.mark(objection, by=people[REVIEWER], now=after(22))
        if reason:
            deciding.dismiss(objection, by=people[SIGNER], now=after(50), reason=reason)
    own = entries.filter(enterprise_uscc__in=_enterprises_of(people[ENTERPRISE])).order_by("-rank").first()
    if own is not None:
        last = raising.open_until(ranking)
        raising.raise_as_party(
            own, _OF_ENTERPRISE, by=people[ENTERPRISE], now=min(now, last or now) - timedelta(hours=3)
        )
        replies.approve(
            replies.write(own, _REPLY, by=people[ENTERPRISE], now=after(30)), by=people[REVIEWER], now=after(46)
        )  # fmt: skip


_CLAIMS = (
    (
        Claim(Ground.WRONG_FACT, "我家漏水的案件写的是三小时内受理，实际第二天才有人联系，请核对。"),
        "原始工单与回访录音均已核对，受理时间无误，维持原结果。",
    ),
    (Claim(Ground.DUPLICATE, "同一次停梯，邻居们报了四次，是不是按四件算了？"), ""),
)
"""What residents say, and why it was dismissed; empty: it is being examined."""
_OF_ENTERPRISE = Claim(Ground.WRONG_ATTRIBUTION, "其中两件发生在隔壁小区车行道，不在本项目服务范围，请核实归属。")
_REPLY = "本期不满意案件集中在电梯停运，配件已于本月全部更换；今后停梯两小时内张贴原因和恢复时间，欢迎业主监督。"


def _enterprises_of(user: User) -> list[str]:
    return list(EnterpriseMembership.objects.filter(user=user).values_list("enterprise__uscc", flat=True))
