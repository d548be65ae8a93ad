"""Input shapes of the ground floor: sign-in and password, with the widgets of the look."""

from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.forms import PasswordChangeForm as DjangoPasswordChangeForm


class StyledWidgets:
    """Gives every widget the look's class, and points a faulty field at its message."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for bound in self:
            bound.field.widget.attrs.setdefault("class", "form-control")
            if self.is_bound and bound.errors:
                bound.field.widget.attrs |= {"aria-invalid": "true", "aria-describedby": f"{bound.id_for_label}-error"}


class SignInForm(StyledWidgets, AuthenticationForm):
    pass


class PasswordChangeForm(StyledWidgets, DjangoPasswordChangeForm):
    pass
