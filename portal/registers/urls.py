"""Names of the registers' pages: a contract with the apps."""

from django.urls import path

from portal.registers import deed_views, views

urlpatterns = [
    path("registers/", views.register_index, name="register-index"),
    path("registers/<slug:slug>/", views.register_list, name="register-list"),
    path("registers/<slug:slug>/new/", views.enter_row, name="register-enter"),
    path("registers/<slug:slug>/columns/", views.choose_columns, name="register-columns"),
    path("registers/<slug:slug>/suggest/", views.suggest, name="register-suggest"),
    path("registers/<slug:slug>/<int:pk>/", views.register_row, name="register-row"),
    path("registers/<slug:slug>/<int:pk>/edit/", views.edit_row, name="register-edit"),
    path("registers/<slug:slug>/<int:pk>/remove/", views.remove, name="register-remove"),
    path("registers/<slug:slug>/<int:pk>/history/", views.register_history, name="register-history"),
    path("registers/<slug:slug>/<int:pk>/reveal/", views.reveal, name="register-reveal"),
    path("registers/<slug:slug>/<int:pk>/deed/<slug:verb>/", deed_views.deed_page, name="register-deed"),
]
