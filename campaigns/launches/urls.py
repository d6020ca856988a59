from django.urls import include, path

from campaigns.launches import asking, download_views, sending_again_views, summary_views, views
from campaigns.launches.why import views as why_views

urlpatterns = [
    path("", include("campaigns.launches.runs.urls")),
    path("launches/", views.launch_list, name="launch_list"),
    path("launches/<int:pk>/", views.launch, name="launch"),
    path("launches/<int:pk>/progress/", views.launch_progress, name="launch_progress"),
    path("launches/<int:pk>/configuration/", views.launch_configuration, name="launch_configuration"),
    path("launches/<int:pk>/cancel/", asking.launch_cancel, name="launch_cancel"),
    path("launches/<int:pk>/previous-list/", sending_again_views.send_previous, name="send_previous"),
    path("launches/<int:pk>/why/", why_views.launch_why, name="launch_why"),
    path("launches/<int:pk>/recipients/<int:destination>/", download_views.recipients, name="recipients"),
    path("launches/<int:pk>/rejects/<int:destination>/", download_views.rejects, name="rejects"),
    path("launches/<int:pk>/groups/", download_views.groups, name="launch_groups"),
    path("campaigns/<int:pk>/groups/", download_views.campaign_groups, name="campaign_groups"),
    path("files/<int:pk>/retry/", asking.file_retry, name="file_retry"),
    path("files/<int:pk>/arrived/", asking.file_arrived, name="file_arrived"),
    path("files/<int:pk>/send-again/", asking.file_send_again, name="file_send_again"),
    path("files/<int:pk>/download/", download_views.file, name="file_download"),
    path("campaigns/<int:pk>/delivery-summary/", summary_views.preflight, name="preflight"),
    path(
        "campaigns/<int:pk>/delivery-summary/progress/",
        summary_views.preflight_progress,
        name="preflight_progress",
    ),
    path("campaigns/<int:pk>/warn-past-change/", summary_views.warn_past_change, name="warn_past_change"),
    path("campaigns/<int:pk>/launch/", summary_views.campaign_launch, name="campaign_launch"),
    path("campaigns/<int:pk>/why/", why_views.campaign_why, name="campaign_why"),
    path("campaigns/<int:pk>/test/", summary_views.campaign_test, name="campaign_test"),
]
