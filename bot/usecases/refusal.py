"""A refusal: what people are told when something they asked for is not done.

It names the rule and the value, and says what to do next. Both texts are plain; the handlers escape them.
"""


class Refusal(Exception):
    """`message` says what is not done and why; `hint` what to do next; `retry` is a mended command."""

    def __init__(
        self, message: str, hint: str = "", *, choices: tuple[str, ...] = (), retry: str | None = None
    ) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.choices = choices
        self.retry = retry
