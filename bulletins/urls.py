"""Names of the bulletins's pages: a contract with other apps."""

from django.urls import path

from bulletins import converters  # noqa: F401 - registers the month
from bulletins.views import desk, public

urlpatterns: list = [
    path("bulletins/", public.bulletin_list, name="public-bulletins"),
    path("bulletins/<month:month>/", public.bulletin_page, name="public-bulletin"),
    path("bulletins/<month:month>.<slug:form>", public.bulletin_file, name="public-bulletin-file"),
    path("bulletins-desk/", desk.bulletin_list, name="bulletin-list"),
    path("bulletins-desk/compose/", desk.bulletin_compose, name="bulletin-compose"),
    path("bulletins-desk/<month:month>/<int:revision>/", desk.bulletin_review, name="bulletin-review"),
    path("bulletins-desk/<month:month>/<int:revision>/edit/", desk.bulletin_edit, name="bulletin-edit"),
    path(
        "bulletins-desk/<month:month>/<int:revision>/export.<slug:form>", desk.bulletin_export, name="bulletin-export"
    ),
    path("bulletins-desk/<month:month>/<int:revision>/<slug:verb>/", desk.bulletin_deed, name="bulletin-deed"),
]
