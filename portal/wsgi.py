"""The web server's way in. In production it refuses to serve half-configured or on an old schema."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
application = get_wsgi_application()

from portal.checks import refuse_unfit_production  # noqa: E402 - settings and apps must be there first

refuse_unfit_production()
