"""Names of the pages of objections and replies: a contract with other apps."""

from django.urls import path

from evaluations.views import objecting, objections

urlpatterns: list = [
    path("rankings/<str:period>/differences/", objecting.revision_differences, name="public-ranking-differences"),
    path("rankings/<str:period>/object/<str:code>/", objecting.objection_new, name="public-objection-new"),
    path("objection-status/", objecting.objection_status, name="objection-status"),
    path("rankings/<str:period>/reply/<str:code>/", objecting.reply_new, name="ranking-reply-new"),
    path("ranking-replies/<int:pk>/", objecting.reply, name="ranking-reply"),
    path("ranking-objections/", objections.objection_list, name="ranking-objection-list"),
    path("ranking-objections/<str:number>/", objections.objection_page, name="ranking-objection"),
    path("ranking-objections/<str:number>/mark/", objections.objection_mark, name="ranking-objection-mark"),
    path("ranking-objections/<str:number>/decide/", objections.objection_decide, name="ranking-objection-decide"),
    path("ranking-objections/<str:number>/phone/", objections.objection_phone, name="ranking-objection-phone"),
    path("ranking-objections/<str:number>/withdraw/", objecting.objection_withdraw, name="ranking-objection-withdraw"),
    path("ranking-objections/<str:number>/files/<int:pk>/", objections.objection_file, name="ranking-objection-file"),
]
