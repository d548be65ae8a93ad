"""Names of the pages of estates: a contract with other apps."""

from django.urls import path

from estates.views import compliance, estates
from portal.registers.views import register_list

urlpatterns = [
    path("estates/", register_list, {"slug": "estates"}, name="estate-list"),
    path("estates/<str:code>/", estates.estate_detail, name="estate-detail"),
    path("compliance/", compliance.compliance, name="compliance"),
    path("enterprises/<str:uscc>/estates/", estates.enterprise_estates, name="enterprise-estates"),
]
