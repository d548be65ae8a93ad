"""Production refuses to start half-configured."""

from django.conf import settings
from django.core.checks import Error, register
from django.core.exceptions import ImproperlyConfigured
from django.db import connection
from django.db.migrations.executor import MigrationExecutor


@register()
def production_is_configured(app_configs, **kwargs) -> list[Error]:
    if not settings.PRODUCTION:
        return []
    errors = []
    if settings.SECRET_KEY == settings.TRIAL_SECRET:
        errors.append(Error("PORTAL_ENV=production needs a SECRET_KEY of its own.", id="portal.E001"))
    if settings.PERSON_KEY == settings.TRIAL_SECRET:
        errors.append(Error("PORTAL_ENV=production needs a PERSON_KEY of its own.", id="portal.E005"))
    if settings.DEBUG:
        errors.append(Error("PORTAL_ENV=production does not run with DEBUG=1.", id="portal.E002"))
    if not settings.REDIS_URL:
        errors.append(Error("PORTAL_ENV=production needs REDIS_URL: throttles and jobs are shared.", id="portal.E003"))
    if not settings.PORTAL_URL.startswith("https://"):
        errors.append(Error("PORTAL_ENV=production needs PORTAL_URL: where people reach it.", id="portal.E006"))
    return errors


def refuse_unfit_production() -> None:
    """Stop a web process of production that must not serve.

    Raises:
        ImproperlyConfigured: a check above fails, or a migration has not been applied.
    """
    if not settings.PRODUCTION:
        return
    errors = [error.msg for error in production_is_configured(None)]
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        errors.append("There are unapplied migrations: run manage.py migrate first.")
    if errors:
        raise ImproperlyConfigured(" ".join(errors))
