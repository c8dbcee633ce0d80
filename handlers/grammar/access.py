"""Access: who somebody is, and whom they let in."""

from typing import Final

from handlers.grammar.rows import NAME, Argument, CommandRow, Kind

_WHOM: Final = Argument("whom", Kind.WHOM, required=True, shown="@colleague|team")

CONNECT: Final = CommandRow(
    "connect",
    "a kubeconfig for kubectl, for some hours, shown to you alone",
    "Use",
    (NAME,),
    ("connect blue",),
    ("kubeconfig", "login", "access", "credentials", "kubectl"),
)
DISCONNECT: Final = CommandRow(
    "disconnect",
    "end every kubeconfig of yours at once, on all clusters",
    "Use",
    examples=("disconnect",),
    also=("logout", "signout", "revoke"),
)
SHARE: Final = CommandRow(
    "share",
    "let a colleague or a team see it or work in it, for as long as you say",
    "Use",
    (
        NAME,
        _WHOM,
        Argument("access", Kind.ACCESS, shown="view|edit"),
        Argument("duration", Kind.DURATION, shown="for 2d"),
    ),
    ("share blue @lin edit for 2d", "share blue lin@example.com view", "share blue team"),
    ("grant", "invite", "give", "allow"),
    harmless=False,
)
UNSHARE: Final = CommandRow(
    "unshare",
    "take that back",
    "Use",
    (NAME, _WHOM),
    ("unshare blue @lin", "unshare blue team"),
    ("ungrant", "uninvite", "deny"),
    harmless=False,
)
LINK: Final = CommandRow(
    "link",
    "prove who you are with your company login; gives a link for you alone",
    "Use",
    examples=("link",),
    also=("sso", "oidc", "signin"),
)
UNLINK: Final = CommandRow("unlink", "end that link", "Use", examples=("unlink",), harmless=False)
WHOAMI: Final = CommandRow(
    "whoami", "who Berth takes you for: team, role, e-mail", "Use", examples=("whoami",), also=("me", "id")
)
