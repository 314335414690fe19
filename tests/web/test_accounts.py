"""Staff are invited, sign in, and their second factor lies encrypted."""

from typing import Any

import pytest
from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.test import Client

from abaque.billing.invite import new_invitation
from abaque.billing.permissions import SYSTEM
from abaque.storage import clock
from abaque.storage.models import User
from abaque.web.accounts import seal, unseal

PASSWORD = "correct horse battery"


@pytest.fixture
def link(folder: None) -> str:  # noqa: ARG001  # it stands on this one
    url = new_invitation("lea@papier.example", "owner", now=clock.now(), by=SYSTEM)
    return url[url.index("/welcome/") :]


def test_an_invitation_sets_a_password_once_and_signs_in(link: str) -> None:
    client = Client()
    assert client.get(link).status_code == 200
    answer = client.post(link, {"password": PASSWORD, "again": PASSWORD})
    assert answer.headers["Location"] == "/console/"
    assert client.get("/console/").status_code == 200
    assert client.get(link).status_code == 403
    assert client.post(link, {"password": "another password", "again": "another password"}).status_code == 403
    client = Client()
    answer = client.post("/accounts/login/", {"login": "lea@papier.example", "password": PASSWORD})
    assert answer.headers["Location"] == "/console/"
    assert client.get("/console/").status_code == 200


@pytest.mark.parametrize(("password", "again"), [("short", "short"), (PASSWORD, "something else"), ("", "")])
def test_a_password_that_will_not_do_leaves_the_link_open(link: str, password: str, again: str) -> None:
    client = Client()
    assert client.post(link, {"password": password, "again": again}).status_code == 200
    assert not User.objects.get(email="lea@papier.example").has_usable_password() or not client.login(
        email="lea@papier.example", password=password
    )
    assert client.get(link).status_code == 200


@pytest.mark.usefixtures("folder")
def test_nobody_signs_up() -> None:
    form = {"email": "eve@example.com", "password1": PASSWORD, "password2": PASSWORD}
    Client().post("/accounts/signup/", form)
    assert not User.objects.filter(email="eve@example.com").exists()


def test_a_second_factor_can_be_set_and_lies_encrypted(owner: Client) -> None:
    user = User.objects.get()
    secret = generate_totp_secret()
    TOTP.activate(user, secret)
    stored = Authenticator.objects.get(user=user).data["secret"]
    assert secret not in stored
    assert get_adapter().decrypt(stored) == secret
    assert owner.get("/accounts/2fa/").status_code == 200


@pytest.mark.usefixtures("folder")
def test_with_a_second_factor_a_password_is_not_enough() -> None:
    user = User.objects.create_user("max@papier.example", PASSWORD, role="finance")
    TOTP.activate(user, generate_totp_secret())
    client = Client()
    answer: Any = client.post("/accounts/login/", {"login": "max@papier.example", "password": PASSWORD})
    assert "2fa" in answer.headers["Location"]
    assert client.get("/console/").status_code == 302


def test_an_invitation_does_not_replace_a_second_factor(link: str) -> None:
    TOTP.activate(User.objects.get(email="lea@papier.example"), generate_totp_secret())
    client = Client()
    client.post(link, {"password": PASSWORD, "again": PASSWORD})
    assert client.get("/console/").status_code == 302


def test_sealed_secrets_open_again_and_never_look_alike() -> None:
    assert unseal(seal("a")) == "a"
    assert seal("a") != seal("a")
