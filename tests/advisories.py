"""Whether what the locks pin is known to be vulnerable: a step of `make lint`, run as `python -m tests.advisories`.

It asks an advisory service by pip-audit. Where none answers, as on a machine without the internet, it finds that out
within seconds, says that nothing was looked up, and is no failure; a vulnerability that is told of is one. Before it
believes a service, it asks about a release that is known to be vulnerable: a proxy that answers everything with nothing
would else make all look well.
"""

import json
import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any, Final

import httpx

_ROOT: Final = Path(__file__).parent.parent
_LOCKS: Final = ("requirements.lock", "requirements-dev.lock")
_SERVICE: Final = os.environ.get("OSV_URL", "https://api.osv.dev/v1/query")
_VULNERABLE: Final = {"package": {"name": "jinja2", "ecosystem": "PyPI"}, "version": "2.4.1"}
_ANSWERS_WITHIN: Final = 5.0  # seconds, looking up its name included
_DONE_WITHIN: Final = 300.0


def main() -> int:
    """Ask, tell, and give the exit code."""
    trouble = _trouble()
    if trouble:
        return _skipped(f"{_SERVICE} {trouble}")
    try:
        ran = subprocess.run(_command(), cwd=_ROOT, capture_output=True, text=True, timeout=_DONE_WITHIN, check=False)
    except subprocess.TimeoutExpired:
        return _skipped(f"{_SERVICE} took longer than {_DONE_WITHIN:.0f} seconds")
    try:
        packages = json.loads(ran.stdout)["dependencies"]
    except (ValueError, KeyError, TypeError):
        said = ran.stderr.strip().splitlines() or ["it said nothing"]
        return _skipped(f"it could not go through all of it: {said[-1]}")
    found = [_told(package, one) for package in packages for one in package.get("vulns", ())]
    sys.stdout.write("".join(f"{one}\n" for one in found))
    sys.stdout.write(f"pip-audit: {len(packages)} packages, {len(found) or 'no'} known vulnerabilities\n")
    return 1 if found else 0


def _command() -> list[str]:
    asked = [part for lock in _LOCKS for part in ("--requirement", lock)]
    service = ("--vulnerability-service", "osv", "--osv-url", _SERVICE)
    how = ("--disable-pip", "--require-hashes", "--format", "json", "--progress-spinner", "off")
    return [sys.executable, "-m", "pip_audit", *how, *service, *asked]


def _trouble() -> str:
    """Why the service cannot be asked; nothing where it can. A thread, since looking up a name heeds no time limit."""
    said: list[str] = []
    asking = threading.Thread(target=lambda: said.append(_asked()), daemon=True)
    asking.start()
    asking.join(_ANSWERS_WITHIN)
    return said[0] if said else f"does not answer within {_ANSWERS_WITHIN:.0f} seconds"


def _asked() -> str:
    try:
        told = httpx.post(_SERVICE, json=_VULNERABLE, timeout=_ANSWERS_WITHIN).raise_for_status().json()
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        return f"does not answer ({(str(error) or type(error).__name__).splitlines()[0]})"
    except ValueError:
        return "answers with something else than advisories"
    return "" if isinstance(told, dict) and told.get("vulns") else "knows nothing of a release that is vulnerable"


def _told(package: dict[str, Any], vulnerability: dict[str, Any]) -> str:
    mended = ", ".join(vulnerability.get("fix_versions") or ()) or "no release yet"
    return f"{package['name']} {package['version']}: {vulnerability['id']}, mended in {mended}"


def _skipped(why: str) -> int:
    sys.stderr.write(f"pip-audit: SKIPPED, known vulnerabilities were not looked for: {why}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
