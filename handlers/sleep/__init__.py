"""Sleep, wake and extend: the commands, their buttons, and the warnings that go before what time does."""
