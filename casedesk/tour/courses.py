"""What becomes of a case of the demo, deed by deed, each at the hour at which somebody would have done it."""

from collections.abc import Callable
from datetime import datetime, timedelta

from casedesk.actions import contacts, dispatch, exclusion, handling, links, ratings, reviews, supervision
from casedesk.models import CaseFile, Dispatch, JointHandler, OutcomeRating, Supervision
from casedesk.tour import cast
from casedesk.tour.cast import Players
from casedesk.tour.matters import HAPPY, UNHAPPY, Matter
from portal.models import User
from portal.rules import CHINA

Channel = OutcomeRating.Channel
EARLY, LATE = 8, 20
"""Between these hours people work and answer."""


class Play:
    """One case on its way. ``lead`` names the account whose body answers for it; ``at`` is the moment that the play has reached."""

    def __init__(self, players: Players, file: CaseFile, matter: Matter, lead: str, at: datetime, number: int) -> None:
        self.players, self.file, self.matter, self.lead, self.at, self.number = players, file, matter, lead, at, number

    def person(self, name: str) -> User:
        return self.players.people[name]

    def later(self, hours: float) -> datetime:
        """``hours`` later, in the next morning where that is at night, but never after the present."""
        then = (self.at + timedelta(hours=hours)).astimezone(CHINA)
        if not EARLY <= then.hour < LATE:
            morning = then.replace(hour=EARLY, minute=25 + self.number % 30)
            then = morning if then.hour < EARLY else morning + timedelta(days=1)
        self.at = min(then, self.players.now)
        return self.at

    def again(self) -> CaseFile:
        self.file = CaseFile.objects.get(pk=self.file.pk)
        return self.file

    # --- deeds ---

    def dispatch(self, *, to: str = "", joint: tuple[str, ...] = (), hours: float = 0.6) -> None:
        """Sent by the district, unless the catalogue has sent it already."""
        if self.again().status != CaseFile.Status.SUBMITTED:
            return
        parties = [self.players.party(name) for name in (to or self.lead, *joint)]
        dispatch.dispatch_case(
            self.file, party=parties[0], joint=parties[1:], by=self.person(cast.DISTRICT), now=self.later(hours), seen=None
        )  # fmt: skip

    def accept(self, hours: float = 1.2) -> None:
        handling.accept_case(self.again(), by=self.person(self.lead), now=self.later(hours), seen=None)

    def handle(self, hours: float = 20, *, result: str = "solved", text: str = "") -> None:
        now = self.later(hours)
        late = "材料到货较晚，已向居民说明。" if handling.is_late(self.again(), now) else ""
        handling.handle_case(
            self.file, result=result, text=text or self.matter.reply, finished_at=now, late_reason=late,
            by=self.person(self.lead), now=now, seen=None,
        )  # fmt: skip

    def rate(self, level: int, hours: float = 9, **more) -> OutcomeRating:
        remarks = UNHAPPY if level <= 2 else HAPPY
        resolved = {1: "no", 2: "partly", 3: "partly"}.get(level, "yes")
        more = {"channel": Channel.LINK, "text": remarks[self.number % len(remarks)]} | more
        return ratings.rate(
            self.again(), level=level, resolved=resolved, now=self.later(hours + self.number / 9), **more
        )

    def in_hand(self) -> None:
        self.dispatch()
        self.accept()

    def done(self, hours: float = 20) -> None:
        self.in_hand()
        self.handle(hours)


Course = Callable[[Play], object]


# --- on the way ---------------------------------------------------------------------------------------------------------------


def waits(play: Play) -> None:
    """Nobody has looked at it yet."""


def sent(play: Play) -> None:
    play.dispatch()


def objected(play: Play) -> None:
    play.dispatch()
    dispatch.object_to_dispatch(
        play.again(), reason="该处属市政道路，不在物业服务区域，请转办城市管理部门。", by=play.person(play.lead), now=play.later(3), seen=None
    )  # fmt: skip


def dismissed(play: Play) -> None:
    objected(play)
    dispatch.dismiss_objection(
        play.again(), reason="物业服务合同约定由企业维护，维持转办。", by=play.person(cast.OTHER_DISTRICT), now=play.later(4), seen=None
    )  # fmt: skip


def without_lead(play: Play) -> None:
    """Three bodies say that it is not theirs: the superior decides."""
    for to, reason in (
        (cast.COMPANY, "设施产权不属小区，企业无权处置。"),
        (cast.STATION, "不属本站职责，系设施损坏。"),
        (cast.STREET, "街道无此项维护经费，请市级协调。"),
    ):
        play.dispatch(to=to, hours=3)
        dispatch.object_to_dispatch(play.again(), reason=reason, by=play.person(to), now=play.later(4), seen=None)
        dispatch.uphold_objection(
            play.again(), reason="理由成立，退回重新转办。", by=play.person(cast.OTHER_DISTRICT), now=play.later(5), seen=None
        )  # fmt: skip


def in_hand(play: Play) -> None:
    play.in_hand()


def with_help(play: Play) -> None:
    """The street helps the lead and has answered."""
    play.dispatch(joint=(cast.STREET,))
    play.accept()
    joint = JointHandler.objects.get(dispatch__case=play.file.case, dispatch__status__in=Dispatch.STANDING)
    handling.answer_as_joint(
        joint, text="网格员已入户通知占用人限期清理，可配合现场执法。", by=play.person(cast.STREET), now=play.later(5)
    )  # fmt: skip


def asks_for_time(play: Play) -> None:
    play.in_hand()
    handling.ask_extension(
        play.again(), workdays=5, reason="需报维保厂家定制配件，到货约一周。", by=play.person(play.lead), now=play.later(3), seen=None
    )  # fmt: skip


def extended(play: Play) -> None:
    asks_for_time(play)
    _decide_extension(play, approve=True, reason="同意，期间做好安全围挡。")


def no_more_time(play: Play) -> None:
    asks_for_time(play)
    _decide_extension(play, approve=False, reason="属日常维修，按原期限办结。")


def _decide_extension(play: Play, *, approve: bool, reason: str) -> None:
    handling.decide_extension(
        play.again(), approve=approve, reason=reason, by=play.person(cast.DISTRICT), now=play.later(4), seen=None
    )  # fmt: skip


def supervised(play: Play) -> None:
    """The district raises a supervision, and the lead has answered."""
    play.in_hand()
    raised = supervision.supervise_case(
        play.again(), demand="居民反映强烈，三日内查明原因并报送整改时间表。", by=play.person(cast.DISTRICT), now=play.later(20), seen=None
    )  # fmt: skip
    supervision.answer_supervision(
        raised, text="已约谈项目负责人，配件明日到场，预计两日内修复。", by=play.person(play.lead), now=play.later(6), seen=None
    )  # fmt: skip


def supervised_and_closed(play: Play) -> None:
    supervised(play)
    play.handle(20)
    raised = Supervision.objects.get(case=play.file.case)
    supervision.close_supervision(
        raised, reason="现场核查已修复，同意销号。", by=play.person(cast.DISTRICT), now=play.later(5), seen=None
    )  # fmt: skip
    play.rate(4)


# --- handled ------------------------------------------------------------------------------------------------------------------


def handled(play: Play) -> None:
    play.done()


def put_off(play: Play) -> None:
    play.in_hand()
    play.handle(result="not_now", text="需动用维修资金，已启动业主表决程序，表决通过后施工。")


def satisfied(play: Play) -> None:
    play.done(16 + play.number % 5)
    play.rate(5 if play.number % 3 else 4)


def late(play: Play) -> None:
    play.in_hand()
    play.handle(24 * 16)
    play.rate(3)


def called_back(play: Play) -> None:
    play.done()
    play.rate(
        4, hours=28, channel=Channel.TELEPHONE, by=play.person(cast.DISTRICT), recording_ref=f"HF-{play.at:%m%d}-{play.number:02d}"
    )  # fmt: skip


def followed(play: Play) -> None:
    """In hand; others report the same and are linked to it."""
    play.in_hand()


# --- dissatisfied -------------------------------------------------------------------------------------------------------------


def dissatisfied(play: Play) -> None:
    play.done()
    play.rate(2 if play.number % 2 else 1)


def reviewed(play: Play) -> None:
    """The lead doubts the rating; nobody has decided yet."""
    play.done()
    _ask_review(play, play.rate(1))


def _ask_review(play: Play, rating: OutcomeRating):
    return reviews.ask_review(
        rating, by=play.person(play.lead), ground="mistaken_level", evidence="回访录音中居民表示满意，系误选等级。录音编号见附件。",
        now=play.later(5),
    )  # fmt: skip


def upheld(play: Play) -> None:
    play.done()
    review = _ask_review(play, play.rate(2))
    reviews.decide_review(
        review, withdraw=False, by=play.person(cast.OTHER_DISTRICT), reason="录音不能证明误选，评价有效，重新办理。", now=play.later(20)
    )  # fmt: skip


def withdrawn(play: Play) -> None:
    play.done()
    review = _ask_review(play, play.rate(2))
    reviews.decide_review(
        review, withdraw=True, by=play.person(cast.OTHER_DISTRICT), reason="经两人回访，居民确认误选，原评价不计入。", now=play.later(20)
    )  # fmt: skip


def twice_dissatisfied(play: Play) -> None:
    upheld(play)
    play.handle(30, text="再次上门检修，更换全部老化部件，并留存维修单。")
    play.rate(1, text="还是老样子，希望上级部门过问。")


def second_time_right(play: Play) -> None:
    upheld(play)
    play.handle(24, text="负责人到场复核，返工完毕，居民在维修单上签字。")
    play.rate(5, text="第二次处理认真，问题解决了。")


# --- held, excluded -----------------------------------------------------------------------------------------------------------


def held(play: Play) -> None:
    """Rated on a device on which somebody in service signed in."""
    play.done()
    play.rate(5, staff_device=True)


def held_and_rejected(play: Play) -> None:
    play.done()
    rating = play.rate(5, staff_device=True)
    ratings.check(
        rating, release=False, by=play.person(cast.OTHER_DISTRICT), reason="物业前台代点评价，不予计入。", now=play.later(8)
    )  # fmt: skip


def contact_changed(play: Play) -> None:
    play.in_hand()
    contacts.change_contact(
        play.again(), phone=f"138001381{play.number:02d}", email="", by=play.person(cast.OTHER_DISTRICT),
        reason="居民来电更换号码，已核对身份。", seen=None, now=play.later(2),
    )  # fmt: skip
    play.handle()
    play.rate(4)


def excluded(play: Play) -> None:
    exclusion.exclude_case(
        play.again(), ground="out_of_scope", reason="债务纠纷，不属小区公共服务，已告知可向法院起诉。", by=play.person(cast.DISTRICT),
        now=play.later(3), seen=None,
    )  # fmt: skip


def trial_excluded(play: Play) -> None:
    exclusion.exclude_case(
        play.again(), ground="test", reason="系统测试件。", by=play.person(cast.DISTRICT), now=play.later(1), seen=None
    )  # fmt: skip


def exclusion_proposed(play: Play) -> None:
    """After a bad rating one person proposes and another decides."""
    play.done()
    play.rate(1)
    exclusion.propose_exclusion(
        play.again(), ground="duplicate", reason="与上月已办结件系同一人同一事。", by=play.person(cast.DISTRICT), now=play.later(4), seen=None
    )  # fmt: skip


def follow(play: Play, leading: CaseFile) -> None:
    """Goes along with ``leading`` from now on."""
    links.link_duplicate(
        play.again(), primary=leading, reason="同一小区同一问题。", by=play.person(cast.DISTRICT), now=play.later(1), seen=None
    )  # fmt: skip
