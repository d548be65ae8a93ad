"""Names of the pages of evaluations: a contract with other apps."""

from django.urls import include, path

from evaluations.feeds import ranking_feed
from evaluations.views import cases, funnel, overview, public, review, why

urlpatterns: list = [
    path("", public.latest, name="public-ranking"),
    path("rankings/feed/", ranking_feed, name="ranking-feed"),
    path("rankings/<str:period>.csv", public.csv_file, name="ranking-csv"),
    path("rankings/<str:period>.xlsx", public.xlsx_file, name="ranking-xlsx"),
    path("rankings/<str:period>/", public.of_period, name="public-ranking-period"),
    path("rankings/<str:period>/entries/", public.entries, name="public-ranking-entries"),
    path("rankings/<str:period>/not-ranked/", public.not_ranked, name="public-ranking-not-ranked"),
    path("neighbourhoods/<str:code>/", public.neighbourhood, name="public-neighbourhood"),
    path("neighbourhoods/<str:code>/why/", why.of_everybody, name="public-why"),
    path("neighbourhoods/<str:code>/why.pdf", why.pdf_of_everybody, name="public-why-pdf"),
    path("", include("evaluations.objections.urls")),
    path("", include("evaluations.policies.urls")),
    path("rankings-desk/", review.ranking_list, name="ranking-list"),
    path("rankings-desk/compute/", review.ranking_compute, name="ranking-compute"),
    path("rankings-desk/<str:period>/<int:revision>/", review.ranking_review, name="ranking-review"),
    path("rankings-desk/<str:period>/<int:revision>/funnel/", funnel.page, name="ranking-funnel"),
    path("rankings-desk/<str:period>/<int:revision>/why/<str:code>/", why.of_officials, name="ranking-why"),
    path("rankings-desk/<str:period>/<int:revision>/why/<str:code>.pdf", why.pdf_of_officials, name="ranking-why-pdf"),
    path("rankings-desk/<str:period>/<int:revision>/export.<str:form>", review.ranking_export, name="ranking-export"),
    path("rankings-desk/<str:period>/<int:revision>/<slug:verb>/", review.ranking_deed, name="ranking-deed"),
    path("overview/", overview.page, name="overview"),
    path("overview/annual-overview.<str:form>", overview.document, name="overview-document"),
    path("estates/<str:code>/appraisal/", cases.estate_appraisal, name="estate-appraisal"),
]
