"""Who somebody is, as an admin settles it."""

from pathlib import Path

import pytest
from sqlmodel import Session, select

from bot.rules.words import Role
from store.tables import AuditEvent
from tests.journeys.people import last, modal, text_of
from tests.world import Harbour, World, world


def audited(company: World, action: str) -> list[dict[str, object]]:
    """What became of the identities, as the audit log has it."""
    with Session(company.berth.store.engine) as session:
        events = session.exec(select(AuditEvent).where(AuditEvent.action == action)).all()
    return [event.after | {"person": event.person_id, "by": event.actor} for event in events]


def test_a_mapping_settles_who_somebody_is_and_is_told_and_taken_back(company: World) -> None:
    company.says(company.mio, "/k8s whoami")
    company.says(company.root, "/k8s admin map @mio ada.brandt@partner.example")
    answer = modal(company.root, "ada.brandt@partner.example")
    company.settle()

    assert f"<@{company.mio.id}>" in text_of(answer)
    assert "takes the role" not in text_of(answer)
    assert "ada.brandt@partner.example, with the role member" in text_of(last(company.mio, "has settled"))
    assert "ada.brandt@partner.example" in text_of(company.says(company.mio, "/k8s whoami"))
    assert audited(company, "map")[-1] == {
        "person": company.mio.id,
        "email": "ada.brandt@partner.example",
        "role": "member",
        "by": company.root.id,
    }

    company.says(company.root, "/k8s admin unmap @mio")
    modal(company.root, "mio@harbour.example")
    assert "mio@harbour.example" in text_of(company.says(company.mio, "/k8s whoami"))


def test_a_mapping_to_a_leads_address_says_which_role_it_gives(company: World) -> None:
    company.harbour.control.post("/people/lin", email="lin.ortega@harbour.example")

    company.says(company.root, "/k8s admin map @mio LIN@harbour.example")

    assert "gives them the role lead" in text_of(modal(company.root, "lin@harbour.example"))
    assert company.berth.uses.people.identify("", company.mio.id).teams == {"payments": Role.LEAD}


def test_nobody_is_mapped_to_who_another_slack_user_is(company: World) -> None:
    company.says(company.root, "/k8s admin map @mio ada@harbour.example")

    assert f"<@{company.ada.id}> is ada@harbour.example already" in text_of(modal(company.root, "already"))
    assert "mio@harbour.example" in text_of(company.says(company.mio, "/k8s whoami"))


@pytest.mark.parametrize("line", ["/k8s admin map @mio root@harbour.example", "/k8s admin unmap @mio"])
def test_only_admins_settle_who_somebody_is(company: World, line: str) -> None:
    assert "only admins may" in text_of(company.says(company.mio, line))


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("/k8s admin map Mio mio@harbour.example", "pick the colleague"),
        ("/k8s admin map @gus gus@harbour.example", "no full member"),
        ("/k8s admin map @mio r\u043eot@harbour.example", "U+043E"),
        ("/k8s admin map @mio nobody", "ada@example.com"),
    ],
)
def test_what_cannot_be_mapped_is_refused_in_words(company: World, line: str, words: str) -> None:
    company.says(company.root, line)

    assert modal(company.root, words)


def test_who_becomes_an_admin_is_told_to_all_admins(port: Harbour, tmp_path: Path) -> None:
    admins = ["root@harbour.example", "second@harbour.example"]
    with world(port, f"sqlite:///{tmp_path / 'berth.sqlite'}", tmp_path, admins=admins) as company:
        company.says(company.root, "/k8s admin map @mio second@harbour.example")
        answer = modal(company.root, "second@harbour.example")
        company.settle()

        assert "gives them the role admin" in text_of(answer)
        assert f"<@{company.mio.id}> is an admin of Berth now" in text_of(last(company.root, "is an admin"))
        assert "Nothing was paused" in text_of(company.says(company.mio, "/k8s admin resume"))
