"""What admins look at, and settle."""

from typing import Final

from handlers.grammar.rows import COLLEAGUE, NAME, SELECTION, Argument, CommandRow, Kind

OVERVIEW: Final = CommandRow(
    "admin",
    "all environments: how many, what they request and cost, what fails; with filters",
    "Admin",
    SELECTION,
    ("admin", "admin team=payments unused=7d", "admin name=ci-*"),
)
PAUSE: Final = CommandRow(
    "admin pause",
    "nothing falls asleep or is deleted because of time, until resume",
    "Admin",
    (Argument("reason", Kind.REST, shown="reason…"),),
    ("admin pause", "admin pause the storage is being moved"),
    harmless=False,
)
RESUME: Final = CommandRow(
    "admin resume", "time goes on; everybody is warned anew", "Admin", examples=("admin resume",), harmless=False
)
ORPHANS: Final = CommandRow(
    "admin orphans",
    "environments whose owner has left, why, and when they end",
    "Admin",
    examples=("admin orphans",),
)
LIMITS: Final = CommandRow(
    "admin limits",
    "what a team, a person or a cluster may have, what is used, who is over; sets it, or takes it back",
    "Admin",
    (Argument("change", Kind.REST, shown="payments|@person|cluster] [cpu=40…|reset"),),
    (
        "admin limits",
        "admin limits payments",
        "admin limits payments cpu=40 memory=80Gi environments=10",
        "admin limits @ada budget=none",
        "admin limits payments reset",
    ),
    harmless=False,
)
MAP: Final = CommandRow(
    "admin map",
    "settle who somebody is on the clusters, whatever Slack and their login say",
    "Admin",
    (COLLEAGUE, Argument("email", Kind.EMAIL, required=True)),
    ("admin map @ada ada@example.com",),
    harmless=False,
)
UNMAP: Final = CommandRow(
    "admin unmap",
    "let somebody be again who Slack or their login says",
    "Admin",
    (COLLEAGUE,),
    ("admin unmap @ada",),
    harmless=False,
)
PROTECT: Final = CommandRow(
    "admin protect",
    "it neither sleeps nor is deleted, whoever asks, until an admin ends that",
    "Admin",
    (NAME, Argument("reason", Kind.REST, shown="reason…")),
    ("admin protect blue", "admin protect blue the trade fair"),
    harmless=False,
)
UNPROTECT: Final = CommandRow(
    "admin unprotect",
    "it sleeps and ends again like any other, after a warning",
    "Admin",
    (NAME,),
    ("admin unprotect blue",),
    harmless=False,
)
ANNOUNCE: Final = CommandRow(
    "admin announce",
    "a direct message to everybody who has an environment on a cluster, or on any",
    "Admin",
    (
        Argument("cluster", Kind.CLUSTERS, required=True, shown="cluster|all"),
        Argument("text", Kind.REST, required=True, shown="text…", verbatim=True),
    ),
    ("admin announce all The clusters are updated on Monday from 8 to 9.",),
    harmless=False,
)
AUDIT: Final = CommandRow(
    "admin audit",
    "who did what, when, from where, and what changed; exported as a file",
    "Admin",
    (Argument("what", Kind.REST, shown="blue|@colleague|7d"),),
    ("admin audit", "admin audit blue", "admin audit @ada 30d"),
)
ADOPTION: Final = CommandRow(
    "admin adoption",
    "who came, made something and came back, weekly; how soon it ran, and what stopped people",
    "Admin",
    examples=("admin adoption",),
)
