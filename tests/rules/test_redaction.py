"""What is counted of a refusal tells nobody's words and nobody's name."""

from bot.rules.redaction import redacted


def test_whoever_is_mentioned_is_somebody_and_what_was_typed_is_left_out() -> None:
    reason = "<@U0123ABCD> may have at most 5 CPU awake. There is no environment “blue”"

    assert redacted(reason, "transfer blue <@U0123ABCD>") == (
        "somebody may have at most 5 CPU awake. There is no environment “…”"
    )
