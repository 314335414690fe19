"""The customer's addresses."""

from django.urls import path

from abaque.web.portal import pages

app_name = "portal"
urlpatterns = [
    path("", pages.home, name="home"),
    path("enter/<str:token>", pages.enter, name="enter"),
    path("usage.json", pages.usage, name="usage"),
    path("invoices/<str:invoice>", pages.invoice, name="invoice"),
    path("invoices/<str:invoice>/pdf", pages.pdf, name="pdf"),
    path("invoices/<str:invoice>/lines/<int:line>/events.csv", pages.csv_of_line, name="line_csv"),
    path("invoices/<str:invoice>/lines/<int:line>/proof", pages.proof_of_line, name="line_proof"),
]
