"""The files around the code keep what they promise: make's verbs, the locks, the image."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from bot.rules.installation import Installation, bot
from bot.rules.words import BERTH

ROOT = Path(__file__).parents[2]


@pytest.mark.skipif(shutil.which("make") is None, reason="make is not installed")
def test_make_alone_lists_the_verbs() -> None:
    said = subprocess.run(["make", "-C", str(ROOT), "--no-print-directory"], capture_output=True, text=True, check=True)

    assert [line.split()[0] for line in said.stdout.splitlines()] == [
        "help",
        "demo",
        "test",
        "lint",
        "run",
        "bench",
        "image",
        "lock",
    ]


@pytest.mark.parametrize("name", ["requirements.lock", "requirements-dev.lock"])
def test_a_lock_pins_every_package_with_hashes_and_names_no_index(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    packages = [entry for entry in text.replace("\\\n", " ").splitlines() if entry.strip()]

    assert packages
    assert all("==" in package and "--hash=sha256:" in package for package in packages)
    assert "://" not in text


def test_every_requirement_is_in_the_lock() -> None:
    declared = re.search(r"^dependencies = \[(.*?)^\]", (ROOT / "pyproject.toml").read_text(), re.DOTALL | re.MULTILINE)
    assert declared
    names = re.findall(r'^\s+"([a-z-]+)', declared[1], re.MULTILINE)

    locked = (ROOT / "requirements.lock").read_text(encoding="utf-8")

    assert len(names) > 10
    assert not [name for name in names if f"{name}==" not in locked]


def test_the_image_runs_as_the_user_that_the_deployment_names() -> None:
    user = re.search(r"^USER (\d+):(\d+)$", (ROOT / "Dockerfile").read_text(encoding="utf-8"), re.MULTILINE)
    pod = next(f for f in bot(Installation()) if f["kind"] == "Deployment")["spec"]["template"]["spec"]

    assert user
    assert int(user[1]) == pod["securityContext"]["runAsUser"] > 0
    assert pod["containers"][0]["command"] == [BERTH, "run"]


def test_the_image_is_made_of_locked_requirements_only() -> None:
    dockerfile = (ROOT / "Dockerfile").read_text(encoding="utf-8")

    installs = [line for line in dockerfile.splitlines() if "pip install" in line]
    assert installs
    assert all("--require-hashes" in line and "-r /src/requirements.lock" in line for line in installs)
    copied = set(re.findall(r"^COPY (?!--)(\S+)", dockerfile, re.MULTILINE))
    kept = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    assert copied == kept
