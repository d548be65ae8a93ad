"""Names of the pages of estates: a contract with other apps."""

from django.urls import path

from estates import views
from portal.registers.views import register_list

urlpatterns = [
    path("estates/", register_list, {"slug": "estates"}, name="estate-list"),
    path("estates/<str:code>/", views.estate_detail, name="estate-detail"),
    path("enterprises/<str:uscc>/estates/", views.enterprise_estates, name="enterprise-estates"),
]
