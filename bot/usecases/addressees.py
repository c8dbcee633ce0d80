"""Who is told of what concerns a team or all admins: one message to a channel, or one to each person."""

from collections.abc import Sequence

from bot.rules.approvals import Approvers
from bot.usecases.responsible import Responsible

Recipients = list[list[str]]
"""One list a message; in it, each is tried where those before cannot be reached."""


def of_leads(responsible: Responsible, team: str | None, without: Sequence[str] = ()) -> Recipients:
    """A team's channel, or its leads one by one; admins where it has neither."""
    leads, channel = responsible.leads(team, without), responsible.channel(team)
    if channel:
        return [[channel, *leads, *responsible.admins(without)]]
    return [[lead] for lead in leads] or of_admins(responsible, without)


def of_admins(responsible: Responsible, without: Sequence[str] = ()) -> Recipients:
    """The channel for approvals, or the admins one by one."""
    admins, channel = responsible.admins(without), responsible.catalogue.approvals.channel
    return [[channel, *admins]] if channel else [[admin] for admin in admins]


def of_all_admins(responsible: Responsible, without: Sequence[str] = ()) -> Recipients:
    """The channel for approvals, if there is one, and each admin besides: what no admin may miss."""
    channel = responsible.catalogue.approvals.channel
    return [*([[channel]] if channel else []), *([admin] for admin in responsible.admins(without))]


def deciding(responsible: Responsible, approvers: str, team: str | None, without: Sequence[str]) -> Recipients:
    """Those who are asked for more than a limit allows."""
    by_leads = approvers == Approvers.LEADS
    return of_leads(responsible, team, without) if by_leads else of_admins(responsible, without)
