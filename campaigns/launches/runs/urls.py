from django.urls import path

from campaigns.launches.runs import calendar_views, views

urlpatterns = [
    path("calendar/", calendar_views.calendar, name="calendar"),
    path("campaigns/<int:pk>/schedule/", views.campaign_schedule, name="campaign_schedule"),
    path("campaigns/<int:pk>/unschedule/", views.campaign_unschedule, name="campaign_unschedule"),
    path("campaigns/<int:pk>/runs/", views.run_list, name="run_list"),
    path("runs/<int:pk>/launch/", views.run_launch, name="run_launch"),
    path("runs/<int:pk>/skip/", views.run_skip, name="run_skip"),
    path("runs/<int:pk>/read/", views.run_read, name="run_read"),
]
