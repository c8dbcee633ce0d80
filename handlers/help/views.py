"""How help looks; what it says comes from the table of commands."""

from bot.seams.slack import Message
from handlers.blocks import Block, Button, actions, bullets, code, context, escape, header, message, section
from handlers.grammar import COMMANDS, GROUPS, ROWS, CommandRow
from handlers.ids import COMMAND, ActionId


def everything() -> Message:
    """All commands by group."""
    hint = f"Words in brackets may be left out. {code(f'{COMMAND} help create')} tells more of one."
    text = f"All that {code(COMMAND)} can do."
    new = Button(ActionId.ENVIRONMENT_FORM, "New environment", style="primary")
    return message(text, [header("Help"), *map(_group, GROUPS), context(hint), *actions([new])])


def one(word: str) -> Message:
    """One command with its examples; everything for a word that is no command."""
    row = ROWS.get(word)
    group = [one for one in COMMANDS if word and f"{one.word} ".startswith(f"{word} ")]
    if row is None or not word or len(group) > 1:
        return _some(word, group) if group else everything()
    text = f"{code(row.usage)}: {escape(row.summary)}."
    examples = bullets([code(f"{COMMAND} {example}".strip()) for example in row.examples])
    synonyms = [context(f"Also looked for as: {escape(', '.join(row.also))}")] if row.also else []
    return message(
        text, [header(f"{COMMAND} {row.word}"), section(text), section(f"*Examples*\n{examples}"), *synonyms]
    )


def _some(word: str, group: list[CommandRow]) -> Message:
    text = f"All that {code(f'{COMMAND} {word}')} can do."
    return message(text, [header(f"{COMMAND} {word}"), section("\n".join(map(_row, group)))])


def _group(name: str) -> Block:
    return section(f"*{name}*\n" + "\n".join(_row(row) for row in COMMANDS if row.group == name))


def _row(row: CommandRow) -> str:
    return f"{code(row.usage)} {escape(row.summary)}"
