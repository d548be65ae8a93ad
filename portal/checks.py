"""Production refuses to start half-configured."""

from django.conf import settings
from django.core.checks import Error, register


@register()
def production_is_configured(app_configs, **kwargs):
    if not settings.PRODUCTION:
        return []
    errors = []
    if settings.SECRET_KEY == settings.TRIAL_SECRET:
        errors.append(Error("PORTAL_ENV=production needs a SECRET_KEY of its own.", id="portal.E001"))
    if settings.DEBUG:
        errors.append(Error("PORTAL_ENV=production does not run with DEBUG=1.", id="portal.E002"))
    if not settings.REDIS_URL:
        errors.append(Error("PORTAL_ENV=production needs REDIS_URL: throttles and jobs are shared.", id="portal.E003"))
    return errors
