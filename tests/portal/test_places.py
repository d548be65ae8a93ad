"""Places: what is derived from their path."""

from portal.models import Region
from tests import world


def test_a_place_knows_the_codes_of_its_district_and_street(db):
    for region in Region.objects.all():
        above = [*region.path.split("/")[1:-1], "", ""]
        assert (region.district_code, region.street_code) == (above[0], above[1]), region.path


def test_the_codes_follow_a_street_to_another_district(db):
    street = Region.objects.get(code=world.EAST).children.earliest("code")
    Region.objects.filter(pk=street.pk).update(path=f"city/{world.WEST}/{street.code}/")
    street.refresh_from_db()
    assert (street.district_code, street.street_code) == (world.WEST, street.code)
