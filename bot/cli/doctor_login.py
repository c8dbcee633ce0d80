"""What `berth doctor` finds out about the company's login."""

from collections.abc import Iterator

from bot.cli.check import Check, note
from bot.config import Survey
from bot.seams.oidc import Issuer, OidcError


def login_checks(found: Survey) -> Iterator[Check]:
    """Ask the issuer that berth.yaml names whether it is one."""
    policy = found.catalogue.identity.oidc if found.catalogue is not None else None
    if policy is None:
        return
    callback = f"{found.settings.public_url or 'BERTH_PUBLIC_URL'}/oidc/callback"
    try:
        Issuer(policy, "", callback).check()
    except OidcError as error:
        yield Check("Company login", False, f"{error}: {policy.issuer}", "See that identity.oidc.issuer is right.")
        return
    yield Check("Company login", True, f"{policy.issuer} answers; its client {policy.client_id} must allow {callback}")
    if found.settings.oidc_client_secret is None:
        mend = "Set BERTH_OIDC_CLIENT_SECRET, unless the issuer knows Berth as a public client."
        yield note("Company login’s secret", "none is given", mend)
