"""Names of the pages of notices."""

from django.urls import path

from portal.notices import views

urlpatterns = [
    path("notices/", views.notice_list, name="notices"),
    path("notices/read/", views.read_all, name="notices-read"),
    path("notices/<int:pk>/open/", views.open_notice, name="notice-open"),
    path("outbox/", views.outbox, name="outbox"),
    path("outbox/<int:pk>/send-again/", views.send_again, name="outbox-send-again"),
]
