from django.urls import include, path

from campaigns.segments import counts, pages, pickers, views
from campaigns.segments.about import history_views, member_views, overlap_views, summary_views, version_views
from campaigns.segments.queries import pages as query_pages
from campaigns.segments.queries import views as query_views

urlpatterns = [
    path("segments/lists/", include("campaigns.segments.uploaded.urls")),
    path("segments/", pages.segment_list, name="segment_list"),
    path("segments/new/", views.segment_new, name="segment_new"),
    path("segments/size/", counts.form_size, name="segment_form_size"),
    path("segments/people/", counts.form_people, name="segment_form_people"),
    path("segments/offered/", pickers.segment_offered, name="segment_offered"),
    path("segments/values/", pickers.segment_values, name="segment_values"),
    path("segments/<int:pk>/", pages.segment, name="segment"),
    path("segments/<int:pk>/edit/", views.segment_edit, name="segment_edit"),
    path("segments/<int:pk>/size/", counts.segment_size, name="segment_size"),
    path("segments/<int:pk>/people/", counts.segment_people, name="segment_people"),
    path("segments/<int:pk>/copy/", pages.segment_copy, name="segment_copy"),
    path("segments/<int:pk>/disable/", pages.segment_disable, name="segment_disable"),
    path("segments/<int:pk>/enable/", pages.segment_enable, name="segment_enable"),
    path("segments/<int:pk>/delete/", pages.segment_delete, name="segment_delete"),
    path("segments/<int:pk>/summary/", summary_views.segment_summary, name="segment_summary"),
    path("segments/<int:pk>/breakdowns/", summary_views.segment_breakdowns, name="segment_breakdowns"),
    path(
        "segments/<int:pk>/breakdowns/columns/",
        summary_views.segment_breakdown_columns,
        name="segment_breakdown_columns",
    ),
    path("segments/<int:pk>/history/", history_views.segment_history, name="segment_history"),
    path("segments/<int:pk>/members/", member_views.segment_members, name="segment_members"),
    path("segments/<int:pk>/members/rows/", member_views.segment_member_rows, name="segment_member_rows"),
    path(
        "segments/<int:pk>/members/download/",
        member_views.segment_members_download,
        name="segment_members_download",
    ),
    path("segments/<int:pk>/overlap/", overlap_views.segment_overlap, name="segment_overlap"),
    path(
        "segments/<int:pk>/overlap/counts/",
        overlap_views.segment_overlap_counts,
        name="segment_overlap_counts",
    ),
    path("segments/<int:pk>/versions/", version_views.segment_versions, name="segment_versions"),
    path(
        "segments/<int:pk>/versions/<int:version>/restore/",
        version_views.segment_restore,
        name="segment_restore",
    ),
    path("segments/new/sql/", query_views.query_new, name="query_new"),
    path("segments/query/size/", query_views.query_size, name="query_size"),
    path("segments/query/people/", query_views.query_people, name="query_people"),
    path("segments/<int:pk>/query/", query_views.query_edit, name="query_edit"),
    path("segments/<int:pk>/sql/", query_pages.segment_sql, name="segment_sql"),
    path("segments/<int:pk>/convert/", query_pages.segment_convert, name="segment_convert"),
]
