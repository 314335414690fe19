"""How staff sign in: invited by the owner, never by themselves; second factors encrypted at rest."""

import base64
import hashlib
from functools import cache

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from cryptography.fernet import Fernet
from django.conf import settings
from django.http import HttpRequest


class StaffOnly(DefaultAccountAdapter):  # type: ignore[misc]  # allauth has no types
    """Nobody signs up: an invitation makes an account."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        del request
        return False


class EncryptedSecrets(DefaultMFAAdapter):  # type: ignore[misc]  # allauth has no types
    """The secrets of authenticators lie encrypted in the database, by a key only the folder knows."""

    def encrypt(self, text: str) -> str:
        return seal(text)

    def decrypt(self, encrypted_text: str) -> str:
        return unseal(encrypted_text)


def seal(secret: str) -> str:
    """Encrypt a secret for as long as it must lie in the database."""
    return _cipher(settings.SECRET_KEY).encrypt(secret.encode()).decode()


def unseal(sealed: str) -> str:
    """Decrypt what `seal` made; anything else raises cryptography's InvalidToken."""
    return _cipher(settings.SECRET_KEY).decrypt(sealed.encode()).decode()


@cache
def _cipher(secret: str) -> Fernet:
    # A key of its own, so that what else the folder's secret signs says nothing about it.
    key = hashlib.sha256(b"abaque/secrets-at-rest/" + secret.encode()).digest()
    return Fernet(base64.urlsafe_b64encode(key))
