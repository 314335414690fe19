"""How the core refuses: a code and its parameters. Words and translations live in the shells."""


class Fault(Exception):  # noqa: N818 -- a refusal of a rule, named as people speak of it
    """A rule was broken. `code` is stable; `params` say what was met, never in sentences."""

    code: str
    params: dict[str, object]

    def __init__(self, code: str, /, **params: object) -> None:
        super().__init__(code)
        self.code = code
        self.params = params

    def __str__(self) -> str:
        said = ", ".join(f"{name}={value!r}" for name, value in self.params.items())
        return f"{self.code} ({said})" if said else self.code
