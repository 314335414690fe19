"""What every noun shares: a bigint inside, a prefixed uuid7 outside."""

from typing import Any

from django.db import models


class PublicId(models.Func):
    """`inv_0198…`: PostgreSQL's own uuidv7(), ordered by time so that indexes stay dense."""

    template = "('%(prefix)s_' || replace(uuidv7()::text, '-', ''))"
    output_field = models.TextField()


def public_id(prefix: str) -> Any:
    """Return the field that holds a noun's outside id, made by the database."""
    return models.TextField(unique=True, editable=False, db_default=PublicId(prefix=prefix))
