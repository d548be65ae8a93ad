"""The portal's settings on a database of the bench's own, which every run drops and makes anew."""

from portal.settings import *  # noqa: F403
from portal.settings import DATABASES, REST_FRAMEWORK

DATABASES["default"]["NAME"] = "portal_bench"
# A load generator is one visitor that asks as often as a city: throttles would measure themselves.
REST_FRAMEWORK["DEFAULT_THROTTLE_RATES"] = dict.fromkeys(REST_FRAMEWORK["DEFAULT_THROTTLE_RATES"])
