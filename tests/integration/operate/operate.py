"""The helpers of the neighbouring tests, found from here."""
import sys
from pathlib import Path

for folder in ("tree", "cli"):
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent / folder))
