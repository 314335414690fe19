"""The addresses of the console."""

from django.urls import path

from abaque.web.console import customers, events, front, hours, inbox, invoices, keys, offers, review, search

app_name = "console"
urlpatterns = [
    path("", front.front, name="front"),
    path("intake", front.intake, name="intake"),
    path("search", search.search, name="search"),
    path("customers", customers.customers, name="customers"),
    path("customers/<str:customer>", customers.customer, name="customer"),
    path("customers/<str:customer>/portal-link", customers.portal_link, name="portal_link"),
    path("customers/<str:customer>/hold", customers.hold_customer, name="hold_customer"),
    path("events", events.events, name="events"),
    path("event", events.event, name="event"),
    path("invoices", invoices.invoices, name="invoices"),
    path("invoices/<str:invoice>", invoices.invoice, name="invoice"),
    path("invoices/<str:invoice>/pdf", invoices.pdf, name="pdf"),
    path("invoices/<str:invoice>/issue", invoices.approve_and_issue, name="issue"),
    path("review", review.review, name="review"),
    path("review/approve", review.approve, name="approve"),
    path("inbox", inbox.inbox, name="inbox"),
    path("inbox/reconcile", inbox.reconcile, name="reconcile"),
    path("inbox/findings/<str:finding>/<str:action>", inbox.remedy, name="remedy"),
    path("inbox/holds/<str:hold>/release", inbox.release_hold, name="release"),
    path("hours", hours.hours, name="hours"),
    path("hours/state", hours.state, name="state_total"),
    path("hours/<str:meter>/<str:day>", hours.day, name="hours_day"),
    path("meters", offers.meters, name="meters"),
    path("meters/make", offers.make, name="make_meter"),
    path("keys", keys.keys, name="keys"),
    path("keys/create", keys.create, name="create_key"),
    path("keys/<str:key>/revoke", keys.revoke, name="revoke_key"),
]
