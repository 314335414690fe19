"""The first visit of somebody invited: a one-time link sets a password and signs them in."""

from allauth.account.utils import perform_login
from django import forms
from django.contrib import messages
from django.contrib.auth.password_validation import password_validators_help_texts
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from abaque.billing.invite import invited, redeem
from abaque.billing.runner import Refused
from abaque.documents.words import fault_sentence
from abaque.web.figures import lang


class PasswordForm(forms.Form):
    """A first password, twice."""

    password = forms.CharField(
        label=gettext_lazy("Password"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    again = forms.CharField(
        label=gettext_lazy("The same again"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def clean(self) -> dict[str, str]:
        said = super().clean() or {}
        if said.get("password") != said.get("again"):
            raise forms.ValidationError(_("The two are not the same."))
        return said


@require_http_methods(["GET", "HEAD", "POST"])
def welcome(request: HttpRequest, token: str) -> HttpResponse:
    """Set the first password of an invitation that is still open; anything else is 403 and says so."""
    try:
        person = invited(token).user
        form = PasswordForm(request.POST or None)
        form.fields["password"].help_text = " ".join(password_validators_help_texts())
        if request.method == "POST" and form.is_valid():
            person = redeem(token, form.cleaned_data["password"])
            messages.success(request, _("Your password is set."))
            # Who had a second factor before is still asked for it.
            signed_in: HttpResponse = perform_login(request, person)
            return signed_in
    except Refused as refusal:
        if refusal.code == "weak_password":
            form.add_error("password", str(refusal.params.get("why", "")))
        else:
            said = fault_sentence(refusal, lang())
            return render(request, "account/welcome.html", {"form": None, "why": said}, status=403)
    return render(request, "account/welcome.html", {"form": form, "email": person.email, "role": person.role})
