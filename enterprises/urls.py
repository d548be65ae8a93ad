"""Names of the pages of enterprises: a contract with other apps."""

from django.urls import path

from enterprises import views
from portal.registers.views import register_list

urlpatterns = [
    path("enterprises/", register_list, {"slug": "enterprises"}, name="enterprise-list"),
    path("enterprises/<str:uscc>/", views.enterprise_detail, name="enterprise-detail"),
]
