"""Any line after /k8s is a command, or an error that helps."""

from importlib import import_module
from pkgutil import iter_modules

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers import grammar
from handlers.grammar import COMMANDS, GROUPS, ROWS, SYNONYMS, Command, CommandRow, Vocabulary
from handlers.mistakes import GrammarError
from handlers.parsing import parse

WORDS = Vocabulary(("blank", "web"), ("s", "m", "l"), ("payments",), ("main",))


def line(typed: str) -> str:
    """The command as Berth understood it, written as it should be."""
    return parse(typed, WORDS).line()


def error(typed: str) -> GrammarError:
    """What Berth says to a line that is none."""
    with pytest.raises(GrammarError) as raised:
        parse(typed, WORDS)
    return raised.value


def outcome(typed: str) -> Command | GrammarError:
    """Whichever of the two a line is."""
    try:
        return parse(typed, WORDS)
    except GrammarError as said:
        return said


@pytest.mark.parametrize(
    ("typed", "understood"),
    [
        ("", ""),
        ("/k8s list", "list"),
        ("LIST Team", "list team"),
        ("create", "create"),
        ("create blue", "create blue"),
        ("create “my blue”", 'create "my blue"'),
        ("create blue template=web size=M ttl=72h", "create blue template=web size=m ttl=3d"),
        ("create blue —ttl 4h", "create blue ttl=4h"),
        ("create blue --ttl=4h", "create blue ttl=4h"),
        ("create blue ttl: 4h", "create blue ttl=4h"),
        ("create blue ttl 4h", "create blue ttl=4h"),
        ("create blue ttl 2 days", "create blue ttl=2d"),
        ("create --size l blue", "create blue size=l"),
        ("create blue 4h", "create blue ttl=4h"),
        ("create size m", "create size=m"),
        ("create size", "create size"),
        ("extend blue 4h", "extend blue 4h"),
        ("extend blue 1d12h", "extend blue 1d12h"),
        ("extend 4h blue", "extend blue 4h"),
        ("extend 2d 4h", "extend name=2d 4h"),
        ("extend blue 4 h", "extend blue 4h"),
        ("extend blue 1h30m", "extend blue 1h30m"),
        ("extend blue 1h 30m", "extend blue 1h30m"),
        ("extend blue 1 h 30 min", "extend blue 1h30m"),
        ("extend 2 days 4 hours blue", "extend blue 2d4h"),
        ("wake blue for 1 h 30 m", "wake blue 1h30m"),
        ("create blue ttl = 2 d 4 h size=m", "create blue size=m ttl=2d4h"),
        ("create blue ttl 1d 12h", "create blue ttl=1d12h"),
        ("create blue template = web", "create blue template=web"),
        ("create blue template =web size= m", "create blue template=web size=m"),
        ("create blue --ttl = 4 h", "create blue ttl=4h"),
        ("admin sleep team = payments", "admin sleep team=payments"),
        ("help me", "help"),
        ("help me please", "help"),
        ("help me create", "help create"),
        ("extend blue 2 days", "extend blue 2d"),
        ("wake blue for 4h", "wake blue 4h"),
        ("wake blue for 4 hours", "wake blue 4h"),
        ("extend for 4h", "extend for 4h"),
        ("sleep name=blue", "sleep blue"),
        ("create --help", "help create"),
        ("--help", "help"),
        ("help CREATE", "help create"),
        ("status `blue`", "status blue"),
        ("cost", "cost"),
        ("share blue <@U012ABCDEF|lin> Edit for 2 days", "share blue @U012ABCDEF edit 2d"),
        ("share blue lin@harbour.example", "share blue lin@harbour.example"),
        ("share blue with @lin view 4h", "share blue @lin view 4h"),
        ("share blue team view", "share blue team view"),
        ("unshare blue from team", "unshare blue team"),
        ("disconnect", "disconnect"),
        ("schedule blue", "schedule blue"),
        ("schedule blue weekdays 8:00–19:00 holidays=DE-BY", "schedule blue weekdays 8:00-19:00 holidays=DE-BY"),
        ("schedule blue “weekdays 8:00-19:00”", "schedule blue weekdays 8:00-19:00"),
        ("schedule name=blue off 2026-12-24", "schedule blue off 2026-12-24"),
        ("schedule blue idle 8 h", "schedule blue idle 8 h"),
        ("why blue", "why blue"),
        ("ADMIN Pause big move = tomorrow", "admin pause big move = tomorrow"),
        ("admin resume", "admin resume"),
        ("admin sleep --dry-run team=Payments", "admin sleep team=payments --dry-run"),
        ("admin sleep —dry-run owner=<@U1|ada>", "admin sleep owner=@U1 --dry-run"),
        ("admin sleep cluster main dry-run", "admin sleep cluster=main --dry-run"),
        ("help admin pause", 'help "admin pause"'),
        ("admin sleep --help", 'help "admin sleep"'),
        ("help admin", "help admin"),
    ],
)
def test_a_line_is_understood_however_it_is_typed(typed: str, understood: str) -> None:
    assert line(typed) == understood


@pytest.mark.parametrize(
    ("typed", "mended"),
    [
        ("creat blue", "create blue"),
        ("stauts bleu", "status bleu"),
        ("ls", "list"),
        ("blue status", "status blue"),
        ("create blue web", "create blue template=web"),
        ("create my feature size=m", "create my-feature size=m"),
        ("create blue templete=wbe sise=M", "create blue template=web size=m"),
        ("list al", "list all"),
        ("template = web", "create template=web"),
        ("create blue templete = wbe", "create blue template=web"),
        ("create blue = web", "create blue template=web"),
        ("create blue templete=web sise=M tl=3d", "create blue template=web size=m ttl=3d"),
        ("creat my blue web", "create my-blue template=web"),
        ("help crate", "help create"),
        ("help ls", "help list"),
        ("whoami please", "whoami"),
        ("admin slep team=payments", "admin sleep team=payments"),
        ("admin sleep payments", "admin sleep team=payments"),
        ("admn sleep", "admin sleep"),
    ],
)
def test_what_is_nearly_right_is_mended_and_can_be_run(typed: str, mended: str) -> None:
    said = error(typed)

    assert (said.mended, said.runnable) == (mended, True)
    assert line(mended) == mended


@pytest.mark.parametrize("typed", ["dlete blue", "rm blue", "delete my blue"])
def test_deleting_is_never_run_by_one_click(typed: str) -> None:
    said = error(typed)

    assert said.mended is not None
    assert said.mended.startswith("delete ")
    assert not said.runnable


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("extend blue soon", "8h, 3d or 2w"),
        ("extend blue 4", "4h or 4d"),
        ("extend blue 0h", "longer than zero"),
        ("extend blue -4h", "longer than zero"),
        ("extend blue 9999w", "longer than ten years"),
        ("create blue ttl=soon", 'TTL "soon"'),
        ("create blue ttl=", "has no value"),
        ("create blue ttl=1d ttl=2d", "twice"),
        ("create blue size=huge", "There is no size “huge”"),
        ("sleep", "Which environment?"),
        ("extend blue", "For how long?"),
        ("xyzzy", "There is no command “xyzzy”"),
        ("sleep --force blue", "no option “force”"),
        ("schedule", "Which environment?"),
        ("admin xyzzy", "There is no command “admin xyzzy”"),
        ("admin sleep team=nobody", "There is no team “nobody”"),
    ],
)
def test_an_error_names_the_value_and_what_is_wrong_with_it(typed: str, words: str) -> None:
    assert words in error(typed).message


@pytest.mark.parametrize("typed", ["create blue size=huge", "xyzzy", "sleep --force blue"])
def test_an_error_without_a_likely_meaning_lists_what_there_is(typed: str) -> None:
    said = error(typed)

    assert said.mended is None
    assert "," in said.hint or "name" in said.hint


@pytest.mark.parametrize(
    ("typed", "wrong", "instead"),
    [
        (
            "creat blue templete=wbe size=huge ttl=soon",
            ["no command “creat”", "no option “templete”", "no template “wbe”", "no size “huge”", 'TTL "soon"'],
            "create blue template=web size=s ttl=4h",
        ),
        ("extend soon", ["For how long?"], "extend soon 4h"),
        ("extend", ["Which environment?", "For how long?"], "extend blue 4h"),
        ("sleep --force", ["no option “force”", "Which environment?"], "sleep blue"),
        ("create blue ttl= size=m", ["“ttl” has no value"], "create blue size=m ttl=4h"),
        ("create blue ttl=1d ttl=2d sizee=m", ["twice", "no option “sizee”"], "create blue size=m ttl=1d"),
        ("admin protekt", ["no command “admin protekt”"], None),
        ("admin frobnicate", ["no command “admin frobnicate”"], None),
        ("admin sleep team=nobody clster=main", ["no team “nobody”", "no option “clster”"], None),
    ],
)
def test_all_that_is_wrong_is_told_at_once_with_a_line_that_is_right(
    typed: str, wrong: list[str], instead: str | None
) -> None:
    said = error(typed)

    assert len(said.mistakes) == len(wrong)
    assert [words for words, one in zip(wrong, said.mistakes, strict=True) if words not in one.message] == []
    assert not said.runnable
    assert said.mended is None
    assert line(said.example) == (instead or said.example)


def test_a_typo_in_the_command_and_all_behind_it_are_mended_together_and_can_be_run() -> None:
    said = error("creat blue templete=wbe my")

    assert [one.message for one in said.mistakes] == [
        "There is no command “creat”.",
        "“create” has no option “templete”.",
        "There is no template “wbe”.",
        "“my” is one word too many.",
    ]
    assert (said.mended, said.runnable) == ("create blue-my template=web", True)


@pytest.mark.parametrize("row", [row for row in COMMANDS if any(one.required for one in row.arguments)])
def test_a_command_without_what_it_needs_is_shown_with_values_that_would_do(row: CommandRow) -> None:
    assert line(error(row.word).example).startswith(f"{row.word} ")


def test_what_is_missing_comes_with_values_that_would_do() -> None:
    said = error("extend blue")

    assert [line(f"extend blue {value}") for value in said.completions] == [
        f"extend blue {value}" for value in said.completions
    ]


_TYPED = st.one_of(
    st.text(),
    st.lists(
        st.sampled_from(
            [
                *ROWS,
                *SYNONYMS,
                "blue",
                "--ttl",
                "ttl=",
                "4h",
                "—size",
                "“",
                "web",
                "=",
                "-",
                "0",
                "days",
                "name=",
                "'",
                "?",
                "h",
                "30m",
                "=web",
                "size",
                "template",
                "me",
            ]
        ),
        max_size=6,
    ).map(" ".join),
)


@given(_TYPED)
def test_any_text_is_a_command_or_an_error_that_says_why(typed: str) -> None:
    read = outcome(typed)

    if isinstance(read, GrammarError):
        assert read.message.strip()
    else:
        assert parse(read.line(), WORDS) == read


@given(_TYPED)
def test_every_line_that_is_shown_instead_is_a_command(typed: str) -> None:
    read = outcome(typed)

    if isinstance(read, GrammarError) and (read.mended or read.example):
        assert isinstance(outcome(read.mended or read.example), Command)


@given(_TYPED)
def test_what_can_be_run_with_a_click_is_a_harmless_command(typed: str) -> None:
    read = outcome(typed)

    if isinstance(read, GrammarError) and read.runnable:
        assert parse(read.mended or "", WORDS).row.harmless


@pytest.mark.parametrize("row", COMMANDS, ids=lambda row: row.word or "overview")
def test_every_example_of_the_table_is_what_it_shows(row: object) -> None:
    assert row in COMMANDS
    examples = next(one for one in COMMANDS if one is row).examples

    assert examples
    assert all(parse(example, WORDS).row is row for example in examples)


def test_every_row_that_is_written_stands_in_the_table_once() -> None:
    files = [import_module(f"handlers.grammar.{one.name}") for one in iter_modules(grammar.__path__)]

    written = {id(value): value for file in files for value in vars(file).values() if isinstance(value, CommandRow)}

    assert len(COMMANDS) == len(ROWS) == len(written)
    assert all(id(row) in written for row in COMMANDS)


def test_every_command_stands_in_a_group_of_help_and_no_synonym_is_a_command() -> None:
    assert {row.group for row in COMMANDS} == set(GROUPS)
    assert not set(SYNONYMS) & set(ROWS)
