"""Who serves: property enterprises, who works for them, and the honours that they were given."""

from enterprises.models.enterprises import Enterprise as Enterprise
from enterprises.models.enterprises import EnterpriseMembership as EnterpriseMembership
from enterprises.models.enterprises import EnterprisePresence as EnterprisePresence
from enterprises.models.enterprises import EnterpriseQuerySet as EnterpriseQuerySet
from enterprises.models.enterprises import EnterpriseScopedQuerySet as EnterpriseScopedQuerySet
from enterprises.models.enterprises import HeadcountReturn as HeadcountReturn
from enterprises.models.enterprises import district_path as district_path
from enterprises.models.enterprises import enterprises_of as enterprises_of
from enterprises.models.enterprises import validate_credit_code as validate_credit_code
from enterprises.models.honours import AwardGrant as AwardGrant
from enterprises.models.honours import AwardRound as AwardRound
from enterprises.models.project_managers import ProjectManager as ProjectManager
