"""How access looks. The kubeconfig's view is built, shown and forgotten: it must never become a message."""

from collections.abc import Sequence
from typing import Final

from bot.rules.kubeconfigs import parts
from bot.rules.words import Phase
from bot.usecases.access import Kubeconfig
from bot.usecases.revocations import Revoked
from handlers.blocks import (
    Block,
    Button,
    Confirm,
    View,
    actions,
    bullets,
    code,
    context,
    escape,
    person,
    preformatted,
    section,
)
from handlers.environments.views import phase_of
from handlers.ids import COMMAND, ActionId
from handlers.wording import phase_words, when
from store.tables import Environment

_CACHED: Final = "An API server may still take a token that it has just checked for up to 10 seconds."
_ONLY_LOOKS: Final = " Here you can change nothing: it is shared with you to view."
_SURE: Final = Confirm(
    "End all kubeconfigs?",
    "Every kubeconfig that Berth gave you stops working at once, on all clusters. You can get a new one any time.",
    "End them",
    "Keep them",
)


def kubeconfig(row: Environment, access: Kubeconfig, tz: str, *, works: bool) -> View:
    """How to use the kubeconfig and to merge it, when it ends, and how to end it; then the whole of it, for copying.

    Who `works` in the environment may change what is in it; others only look.
    """
    file, shown = f"berth-{row.name}.yaml", parts(access.yaml)
    both = f", all {len(shown)} parts one below the other," if len(shown) > 1 else ""
    return View(
        "Connect",
        [
            section(
                f"*Save what stands below{both} as {code(file)}*, then run "
                f"{code(f'kubectl --kubeconfig {file} get pods', 200)}."
            ),
            section(f"It looks at {code(row.namespace)}, {_lasts(access, tz)}{'' if works else _ONLY_LOOKS}"),
            *_asleep(row, works=works),
            section(f"*Ready to run, where the file is*\n{bullets(_commands(file, access.context, works=works))}"),
            section(f"*Or merge it into your own kubeconfig*\n{_merging(file, access.context)}"),
            *_secret(access),
            section(f"*{code(file)}*"),
            *map(preformatted, shown),
        ],
    )


def _lasts(access: Kubeconfig, tz: str) -> str:
    if access.expires_at is None:
        login = code("kubectl oidc-login", 200)
        install = code("kubectl krew install oidc-login", 200)
        return (
            f"and asks {escape(access.issuer)} who you are: your browser opens at the first command. "
            f"That takes {login}, which {install} installs. It acts as you, in your other environments there too."
        )
    return (
        f"works until {when(access.expires_at, tz)} and acts as you: also in your other environments on this cluster, "
        "and nowhere else."
    )


def _commands(file: str, context: str, *, works: bool) -> list[str]:
    """Commands of the tools that people use, with the flags by which each takes a kubeconfig and a context."""
    look = (
        f"kubectl --kubeconfig {file} --context {context} get pods",
        f"k9s --kubeconfig {file} --context {context}",
    )
    if not works:
        return [code(line, 300) for line in look]
    lines = (
        *look,
        f"devspace dev --kubeconfig {file} --kube-context {context}",
        f"skaffold dev --kubeconfig {file} --kube-context {context}",
        f"KUBECONFIG={file} tilt up --context {context}",
    )
    allowed = code(f"allow_k8s_contexts('{context}')", 200)
    return [*(code(line, 300) for line in lines), f"Tilt wants {allowed} in the Tiltfile"]


def _merging(file: str, context: str) -> str:
    """Commands that leave a file which only its owner reads, whatever the umask, and do without one that was there."""
    view = f"KUBECONFIG=~/.kube/config:{file} kubectl config view --flatten > ~/.kube/merged"
    merge = f"(umask 077; mkdir -p ~/.kube && {view} && mv ~/.kube/merged ~/.kube/config)"
    return f"{code(merge, 300)}\n{code(f'kubectl config use-context {context}', 200)}"


def _secret(access: Kubeconfig) -> list[Block]:
    """What whoever holds a secret has to know of it, and how to end it."""
    if access.expires_at is None:
        return [context("It holds no secret; what you may do on the cluster hangs on your company login.")]
    end = Button(ActionId.ACCESS_DISCONNECT, "End all my kubeconfigs", style="danger", confirm=_SURE)
    return [
        context(
            "It is a secret and kept nowhere: when you close this, it is gone. Ask for a new one whenever you like."
        ),
        *actions([end]),
    ]


_BY_LOGIN = (
    "*On {clusters} you come in by the company's login*, of which I hold nothing that I could end. `kubectl "
    "oidc-login clean` forgets it on your machine; the login itself is ended where the company has you log in."
)


def disconnected(revoked: Sequence[Revoked], by_login: Sequence[str]) -> View:
    """What came of ending every kubeconfig; on the clusters `by_login` the company's own login is what lets in."""
    done = [escape(one.cluster) for one in revoked if not one.trouble]
    left = [f"{escape(one.cluster)}: {escape(one.trouble)}" for one in revoked if one.trouble]
    blocks = []
    if done:
        blocks.append(section(f"*Ended: every kubeconfig that I gave you on {', '.join(done)}.* {_CACHED}"))
    if left:
        blocks.append(section(f"*Not ended yet; I go on trying*\n{bullets(left)}"))
    if by_login:
        blocks.append(section(_BY_LOGIN.format(clusters=", ".join(map(escape, by_login)))))
    elif not revoked:
        blocks.append(section("You have no kubeconfig of mine that could be ended."))
    again = code(f"{COMMAND} connect blue")
    anew = f" {again} gives you a new one." if revoked else "" if by_login else f" {again} gives you one."
    return View("Disconnect", [*blocks, context(f"Your environments go on as they are.{anew}")])


def _asleep(row: Environment, *, works: bool) -> list[Block]:
    """That there is nothing to see while it sleeps, and what to do about it."""
    if phase_of(row) not in (Phase.SLEEPING, Phase.FALLING_ASLEEP):
        return []
    wake = f"{code(f'{COMMAND} wake {row.name}')} wakes it" if works else f"{person(row.owner_id)} can wake it"
    return [section(f"*{code(row.name)} is {phase_words(phase_of(row))}*, so nothing runs in it: {wake}.")]
