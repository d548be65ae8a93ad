"""Names of the ground floor's pages."""

from django.urls import path

from portal import views

urlpatterns = [
    path("home/", views.home, name="home"),
    path("sign-in/", views.SignIn.as_view(), name="sign-in"),
    path("sign-out/", views.SignOut.as_view(), name="sign-out"),
    path("password/", views.PasswordChange.as_view(), name="password-change"),
    path("language/<str:code>/", views.choose_language, name="language"),
    path("districts.geojson", views.district_outlines, name="district-outlines"),
    path("search/", views.search, name="search"),
]
