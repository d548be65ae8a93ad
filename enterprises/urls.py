"""Names of the pages of enterprises: a contract with other apps."""

from django.urls import path

from enterprises import views

urlpatterns = [
    path("enterprises/", views.enterprise_list, name="enterprise-list"),
    path("enterprises/<str:uscc>/", views.enterprise_detail, name="enterprise-detail"),
]
