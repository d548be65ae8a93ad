"""The demo's cases: what was reported when, of whom it is, and what became of it."""

from datetime import datetime, time, timedelta
from typing import NamedTuple

from casedesk.actions.intake import Reporter, open_case
from casedesk.actions.reviews import keep_rating_clocks
from casedesk.actions.supervision import raise_supervisions
from casedesk.models import CaseFile
from casedesk.tour import cast, courses
from casedesk.tour.cast import COMPANY, FIRE, STATION, STREET, UTILITY, Players
from casedesk.tour.courses import Course, Play
from casedesk.tour.matters import AGAIN, MATTERS
from estates.models import Estate
from portal.rules import CHINA

Channel, Urgency = CaseFile.Channel, CaseFile.Urgency
C = courses


class Scene(NamedTuple):
    """``days`` before today at ``clock``; ``follows`` names the matter of a case that it goes along with."""

    days: int
    clock: str
    matter: str
    lead: str
    course: Course
    channel: str = Channel.WEB
    is_urgent: bool = False
    follows: bool = False


SCENES = (
    # --- the last three days: what waits at the desk ---
    Scene(0, "00:35", "no_water", "", C.waits, is_urgent=True),
    Scene(0, "00:50", "camera", COMPANY, C.waits),
    Scene(0, "01:10", "lawn", COMPANY, C.waits, Channel.QR),
    Scene(1, "08:20", "dog", "", C.waits),
    Scene(1, "09:05", "parking_fee", COMPANY, C.waits, Channel.TELEPHONE),
    Scene(1, "11:40", "sun_room", "", C.waits, Channel.QR),
    Scene(1, "13:15", "stairs", COMPANY, C.sent, Channel.QR),
    Scene(1, "14:30", "corridor_bikes", FIRE, C.sent),
    Scene(1, "15:45", "gas_smell", UTILITY, C.in_hand, Channel.TELEPHONE, is_urgent=True),
    Scene(1, "16:20", "canteen", STATION, C.sent),
    Scene(2, "08:10", "fitness", STREET, C.sent, Channel.QR),
    Scene(2, "09:30", "gate", COMPANY, C.objected),
    Scene(2, "10:15", "smoke_door", FIRE, C.objected),
    Scene(2, "11:00", "grove", COMPANY, C.in_hand, Channel.QR),
    Scene(2, "14:40", "charging", COMPANY, C.asks_for_time),
    Scene(2, "15:20", "hydrant", FIRE, C.in_hand, Channel.TELEPHONE),
    Scene(2, "19:45", "square_dance", STATION, C.with_help),
    Scene(2, "20:10", "trial", "", C.trial_excluded),
    Scene(3, "08:45", "lift_noise", COMPANY, C.handled, Channel.QR),
    Scene(3, "09:20", "leak", COMPANY, C.followed),
    Scene(3, "10:00", "parking_line", COMPANY, C.handled),
    Scene(3, "12:10", "leak", COMPANY, C.waits, Channel.QR, follows=True),
    Scene(3, "13:30", "vote", STREET, C.in_hand),
    Scene(3, "16:00", "fly_wire", FIRE, C.handled, Channel.QR),
    Scene(3, "17:10", "out_of_scope", "", C.excluded, Channel.TELEPHONE),
    # --- a week and more ago ---
    Scene(4, "08:30", "lamp", COMPANY, C.dissatisfied, Channel.QR),
    Scene(4, "10:20", "stall", STREET, C.handled),
    Scene(4, "11:10", "basement", COMPANY, C.followed),
    Scene(4, "13:00", "basement", COMPANY, C.waits, follows=True),
    Scene(4, "15:30", "barbecue", STATION, C.handled, Channel.TELEPHONE),
    Scene(5, "09:10", "garbage", COMPANY, C.satisfied, Channel.QR),
    Scene(5, "10:40", "nobody_answers", COMPANY, C.reviewed),
    Scene(5, "14:00", "door", COMPANY, C.held, Channel.QR),
    Scene(6, "08:15", "alarm", FIRE, C.satisfied, Channel.TELEPHONE),
    Scene(6, "09:50", "tiles", COMPANY, C.extended),
    Scene(6, "16:30", "lift_button", COMPANY, C.exclusion_proposed),
    Scene(7, "10:05", "fire_lane", FIRE, C.followed),
    Scene(7, "11:30", "fire_lane", FIRE, C.waits, Channel.QR, follows=True),
    Scene(7, "14:20", "bulky", COMPANY, C.contact_changed),
    Scene(8, "08:55", "pipe", COMPANY, C.supervised, Channel.TELEPHONE),
    Scene(8, "13:40", "night_works", STATION, C.satisfied),
    Scene(9, "09:15", "heating_fee", COMPANY, C.satisfied),
    Scene(9, "10:50", "fitness", STREET, C.without_lead, Channel.QR),
    Scene(9, "15:10", "pond", COMPANY, C.sent),
    Scene(10, "08:40", "tree", COMPANY, C.no_more_time, Channel.QR),
    Scene(10, "11:20", "parking_line", COMPANY, C.twice_dissatisfied),
    Scene(11, "09:00", "stairs", COMPANY, C.upheld, Channel.QR),
    Scene(11, "14:10", "pump_room", STATION, C.dissatisfied),
    Scene(12, "08:40", "lift_stops", COMPANY, C.second_time_right, Channel.TELEPHONE, is_urgent=True),
    Scene(12, "10:30", "committee", STREET, C.in_hand),
    # --- two weeks and more ago: done ---
    Scene(13, "09:20", "hydrant", FIRE, C.called_back, Channel.QR),
    Scene(13, "16:40", "camera", COMPANY, C.withdrawn),
    Scene(14, "10:10", "garbage", COMPANY, C.satisfied, Channel.QR),
    Scene(15, "08:30", "gate", COMPANY, C.dismissed),
    Scene(16, "11:15", "charging", COMPANY, C.supervised_and_closed),
    Scene(17, "09:40", "corridor_bikes", FIRE, C.satisfied, Channel.QR),
    Scene(18, "14:30", "lamp", COMPANY, C.handled),
    Scene(19, "10:00", "fee_list", COMPANY, C.put_off, Channel.TELEPHONE),
    Scene(20, "08:50", "lift_button", COMPANY, C.satisfied, Channel.QR),
    Scene(20, "15:00", "canteen", STATION, C.called_back),
    Scene(21, "09:30", "door", COMPANY, C.held_and_rejected, Channel.QR),
    Scene(22, "13:20", "tree", COMPANY, C.satisfied),
    Scene(23, "10:45", "stall", STREET, C.satisfied),
    Scene(24, "09:10", "leak", COMPANY, C.late, Channel.TELEPHONE),
    Scene(25, "16:15", "fly_wire", FIRE, C.satisfied, Channel.QR),
)  # fmt: skip


def play(players: Players) -> None:
    """Play every scene, oldest first; then what the clocks bring about. A supervision by rule is raised as of an hour ago."""
    leading: dict[str, CaseFile] = {}
    for number, scene in enumerate(sorted(SCENES, key=lambda one: (-one.days, one.clock))):
        at = _moment(players.now, scene)
        if players.since is not None and at < players.since:
            continue
        file = _open(players, scene, at, number, leading)
        one = Play(players, file, MATTERS[scene.matter], scene.lead, at, number)
        if scene.follows:
            courses.follow(one, leading[scene.matter])
        else:
            scene.course(one)
            leading[scene.matter] = one.again()
    keep_rating_clocks(players.now)
    raise_supervisions(players.now)


def _moment(now: datetime, scene: Scene) -> datetime:
    """When a scene begins. Those of today lie in the hours just past: nothing is reported in the future."""
    clock = time.fromisoformat(scene.clock)
    if scene.days == 0:
        return now - timedelta(hours=clock.hour, minutes=clock.minute)
    day = now.astimezone(CHINA).date() - timedelta(days=scene.days)
    return datetime.combine(day, clock, CHINA)


def _open(players: Players, scene: Scene, at: datetime, number: int, leading: dict[str, CaseFile]) -> CaseFile:
    matter = MATTERS[scene.matter]
    estate = leading[scene.matter].case.estate if scene.follows else _where(players, scene, number)
    phone = f"138001380{number:02d}" if scene.course is not courses.trial_excluded else ""
    by = players.people[cast.DISTRICT] if scene.channel == Channel.TELEPHONE else None
    return open_case(
        estate=estate, category=matter.category, text=AGAIN[scene.matter] if scene.follows else matter.text,
        channel=scene.channel, reporter=Reporter(phone=phone, place=matter.place), now=at, by=by,
        urgency=Urgency.EMERGENCY if scene.is_urgent else Urgency.NORMAL,
    )  # fmt: skip


def _where(players: Players, scene: Scene, number: int) -> Estate:
    """The enterprise's own neighbourhoods for what is its matter, the street's for what it takes part in, else any."""
    is_of_street = scene.lead == STREET or scene.course is courses.with_help
    places = players.near if is_of_street else players.homes if scene.lead == COMPANY else players.around
    return places[number * 7 % len(places)]
