"""Where things lie: the repository, and the real data beside it where there is any."""

from pathlib import Path

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
FIXTURES = ROOT / "fixtures"
SHARED = ROOT.parent / "shared" / "data"  # not part of the repository
KITS = ROOT / "tests" / "kits"
