"""The enterprises' file of the city package."""

from django.utils.translation import gettext as _

from enterprises.models import Enterprise
from enterprises.rules import is_credit_code
from portal.citypackage import BadValue, KeyedRows, choice, text, truth
from portal.registers import register
from portal.registers.cityfiles import OptionalColumns


class EnterpriseRows(KeyedRows):
    file, columns = "enterprises.csv", ("uscc", "name", "origin", "is_public_benefit")
    optional = (
        "is_branch", "parent_company", "registered_district", "founded_on", "legal_representative", "phone",
        "formation_method", "formed_by", "status", "status_since",
    )  # fmt: skip
    model, key = Enterprise, "uscc"

    def prepare(self, loading):
        self.further = OptionalColumns(register("enterprises"), self.optional, loading)

    def more(self, values):
        return self.further.read(values)

    def fields(self, uscc, name, origin, is_public_benefit):
        if not is_credit_code(uscc):
            raise BadValue(
                "uscc",
                _("“%(code)s” is no unified social credit code: the check digit is wrong.") % {"code": uscc[:30]},
            )
        return {
            "name": text("name", name, 200),
            "origin": choice("origin", origin, Enterprise.Origin.values),
            "is_public_benefit": truth("is_public_benefit", is_public_benefit),
        }
