from django.urls import path

from campaigns.planning import bulk, lives, views
from campaigns.planning.filing import views as filing
from campaigns.planning.history import views as history

urlpatterns = [
    path("campaigns/", lives.campaign_list, name="campaign_list"),
    path("campaigns/new/", views.campaign_new, name="campaign_new"),
    path("campaigns/count/", views.campaign_count, name="campaign_count"),
    path("campaigns/discard/", views.campaign_discard, name="campaign_discard"),
    path("campaigns/<int:pk>/", views.campaign, name="campaign"),
    path("campaigns/bulk/", bulk.campaign_bulk, name="campaign_bulk"),
    path("campaigns/<int:pk>/restore/", lives.campaign_restore, name="campaign_restore"),
    path("campaigns/<int:pk>/archive/", lives.campaign_archive, name="campaign_archive"),
    path("campaigns/<int:pk>/copy/", lives.campaign_copy, name="campaign_copy"),
    path("campaigns/<int:pk>/history/", history.campaign_history, name="campaign_history"),
    path("campaigns/<int:pk>/filing/", filing.campaign_filing, name="campaign_filing"),
    path("campaigns/folders/new/", filing.folder_new, name="folder_new"),
    path("campaigns/folders/<int:pk>/", filing.folder_edit, name="folder_edit"),
    path("campaigns/folders/<int:pk>/delete/", filing.folder_delete, name="folder_delete"),
    path("campaigns/<int:pk>/delete/", lives.campaign_delete, name="campaign_delete"),
]
