"""Rights: what a signed-in person may do, and what a token may do."""

from django.apps import apps
from django.contrib.auth.backends import BaseBackend, ModelBackend
from knox.auth import TokenAuthentication as KnoxTokenAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.permissions import BasePermission

from portal.models import ScopedQuerySet


class PasswordBackend(ModelBackend):
    """Signs people in by password, and grants nothing: Django's own permission tables are not asked, on any page."""

    def has_perm(self, user_obj, perm, obj=None):
        return False

    def has_module_perms(self, user_obj, app_label):
        return False

    def get_all_permissions(self, user_obj, obj=None):
        return set()


class GrantBackend(BaseBackend):
    """``user.has_perm("estates.view", estate)`` asks the same scope as every list does."""

    def has_perm(self, user_obj, perm, obj=None):
        if not user_obj.is_active or user_obj.is_anonymous or not user_obj.token_allows(perm):
            return False
        if obj is None:
            return bool(user_obj.reach(perm) or user_obj.agencies_with(perm)) or self._member_perm(user_obj, perm)
        rows = type(obj)._default_manager.all()
        return isinstance(rows, ScopedQuerySet) and rows.for_user(user_obj, perm).filter(pk=obj.pk).exists()

    def _member_perm(self, user, perm) -> bool:
        return any(
            config.member_has_perm(user, perm)
            for config in apps.get_app_configs()
            if hasattr(config, "member_has_perm")
        )


class TokenAuthentication(KnoxTokenAuthentication):
    """Knox's, and the user of the request remembers the token, whose permissions bound everything it does."""

    def authenticate_credentials(self, token):
        if not token.isascii() or b"\0" in token:
            raise AuthenticationFailed
        user, auth_token = super().authenticate_credentials(token)
        user.api_token = auth_token
        return user, auth_token


class HasPermission(BasePermission):
    """The view's ``permission`` attribute, held somewhere and allowed by the token. Which rows is ``for_user``'s matter."""

    def has_permission(self, request, view):
        user = request.user
        return bool(user.is_authenticated and user.token_allows(view.permission) and user.has_perm(view.permission))
