"""The helpers of the neighbouring tests, found from here; and what only these need."""
import os
import sys
from pathlib import Path

for folder in ("tree", "cli", "guests"):
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent / folder))


def cpu_s(pid: int) -> float:
    """What the process has had of a processor; the kernel counts in hundredths."""
    with open(f"/proc/{pid}/stat", encoding="ascii") as stat:
        fields = stat.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
