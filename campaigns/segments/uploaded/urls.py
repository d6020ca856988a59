from django.urls import path

from campaigns.segments.uploaded import pages, views

urlpatterns = [
    path("", pages.uploaded_lists, name="uploaded_lists"),
    path("new/", views.upload_new, name="upload_new"),
    path("upload/<uuid:pk>/", views.upload, name="upload"),
    path("upload/<uuid:pk>/read/", views.upload_read, name="upload_read"),
    path("upload/<uuid:pk>/matched/", views.upload_matched, name="upload_matched"),
    path("upload/<uuid:pk>/discard/", views.upload_discard, name="upload_discard"),
    path("<int:pk>/", pages.uploaded_list, name="uploaded_list"),
    path("<int:pk>/unmatched/", pages.uploaded_list_unmatched, name="uploaded_list_unmatched"),
    path("<int:pk>/keys/", pages.uploaded_list_keys, name="uploaded_list_keys"),
    path("<int:pk>/segment/", views.uploaded_list_segment, name="uploaded_list_segment"),
    path("<int:pk>/delete/", pages.uploaded_list_delete, name="uploaded_list_delete"),
]
