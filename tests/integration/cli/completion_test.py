#!/usr/bin/python3
"""The completion scripts: each shell parses its own, and bash, which can be asked, offers what fits."""
import shutil
import subprocess
import sys

from commands import Commands, World, bin_folder, expect


def offered(script: str, *words: str) -> list[str]:
    """What bash offers for the last of the words."""
    line = " ".join(f"'{word}'" for word in words)
    asked = f"{script}\nCOMP_WORDS=({line}) COMP_CWORD={len(words) - 1}\n_mla\nprintf '%s\\n' \"${{COMPREPLY[@]}}\"\n"
    ran = subprocess.run(["bash", "-uc", asked], capture_output=True, text=True, timeout=30, check=False)
    expect("bash runs it without a word", ran.returncode == 0 and ran.stderr == "", ran)
    return ran.stdout.split()


def main() -> int:
    with World(bin_folder()) as world:
        commands = Commands(world)
        scripts = {}
        for shell in ("bash", "zsh", "fish"):
            expect(f"{shell} is installed", shutil.which(shell) is not None)
            script = commands.run("mla", "completion", shell)
            expect("a script and nothing else", script.returncode == 0 and script.stderr == "", script)
            scripts[shell] = script.stdout
            checked = subprocess.run([shell, "-n"], input=script.stdout, capture_output=True, text=True, timeout=30, check=False)
            expect(f"{shell} parses it", (checked.returncode, checked.stdout, checked.stderr) == (0, "", ""), checked)
            broken = subprocess.run([shell, "-n"], input=script.stdout + "if (", capture_output=True, text=True, timeout=30, check=False)
            expect(f"{shell} would have said if not", broken.returncode != 0 or broken.stderr != "", broken)

        bash = scripts["bash"]
        expect("verbs", offered(bash, "mla", "ob") == ["observe"])
        expect("all verbs", {"observe", "expose", "get", "ls", "why", "completion", "--url"} <= set(offered(bash, "mla", "")))
        expect("flags of the verb", offered(bash, "mla", "observe", "--c") == ["--count"])
        expect("and those of mla", offered(bash, "mla", "--json", "observe", "x", "--jso") == ["--json", "--jsonl"])
        expect("none of another verb", offered(bash, "mla", "observe", "--capa") == [])
        expect("shells", offered(bash, "mla", "completion", "z") == ["zsh"])
        expect("lists", offered(bash, "mla", "ls", "ob") == ["objects"])
        expect("what to measure", offered(bash, "mla", "bench", "fan") == ["fanout"])
        expect("and its flags, each once", offered(bash, "mla", "bench", "fanout", "--obs") == ["--observers"])
        for line, word in (("mla ls ob", "objects"), ("mla bench fan", "fanout"), ("mla bench fanout --obs", "--observers")):
            loaded = subprocess.run(["fish", "--no-config", "-c", f"source -; complete -C '{line}'"], input=scripts["fish"],
                                    capture_output=True, text=True, timeout=30, check=False)
            expect("fish offers the same", loaded.stdout.split("\t")[0].split() == [word] and loaded.stderr == "", loaded)
    return 0


if __name__ == "__main__":
    sys.exit(main())
