"""What a run was measured on."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path
from typing import Any


def _read(path: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8")
    except OSError:
        return ""


def _caches() -> dict[str, str]:
    found = {}
    for index in sorted(Path("/sys/devices/system/cpu/cpu0/cache").glob("index*")):
        level, kind, size = (_read(str(index / name)).strip() for name in ("level", "type", "size"))
        if kind != "Instruction" and size.endswith("K"):
            kib = int(size[:-1])
            found[f"L{level}"] = f"{kib // 1024} MB" if kib >= 1024 else f"{kib} KB"
    return found


def describe() -> dict[str, Any]:
    """The CPU, its caches, memory, huge pages and load."""
    cpu = re.search(r"model name\s*: (.*)", _read("/proc/cpuinfo"))
    pages = re.search(r"\[(\w+)\]", _read("/sys/kernel/mm/transparent_hugepage/enabled"))
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return {
        "cpu": cpu[1] if cpu else "unknown CPU",
        "cores": os.cpu_count(),
        "caches": _caches(),
        "memory_gb": round(memory / 1e9),
        "huge_pages": pages[1] if pages else "unknown",
        "load": round(os.getloadavg()[0], 1),
    }


def commit(root: Path, *measured: str) -> str:
    """The last commit that changed these folders, with a + if files differ from it."""

    def git(*arguments: str) -> str:
        command = ["git", "-C", str(root), *arguments]
        return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()

    changed = git("status", "--porcelain", "--", *measured)
    return git("log", "-1", "--format=%h", "--", *measured) + ("+" if changed else "")
