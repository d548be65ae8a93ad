"""Names of the evaluations' addresses in the API. What is published is served from ready bytes."""

from django.urls import path

from evaluations.api import cases, objections, rankings, why

published = rankings.published

urlpatterns = [
    path("cases/", cases.Cases.as_view(), name="api-cases"),
    path("rankings/", published(rankings.RankingList.as_view()), name="api-rankings"),
    path("rankings/latest/", published(rankings.LatestRanking.as_view()), name="api-ranking-latest"),
    path("rankings/<period:period>/", published(rankings.RankingDetail.as_view()), name="api-ranking"),
    path("rankings/<period:period>/entries/", published(rankings.RankingEntries.as_view()), name="api-ranking-entries"),
    path(
        "rankings/<period:period>/objections/",
        published(objections.ObjectionNumbers.as_view()),
        name="api-ranking-objections",
    ),
    path("rankings/<period:period>/replies/", published(objections.Replies.as_view()), name="api-ranking-replies"),
    path("ranking-objections/", objections.Objections.as_view(), name="api-objections"),
    path("estates/<code:code>/rankings/", published(rankings.EstateRankings.as_view()), name="api-estate-rankings"),
    path("estates/<code:code>/why/", published(why.EstateWhy.as_view()), name="api-estate-why"),
]
