"""Commands that end by themselves."""

import subprocess


def run(*command, check=True, **options):
    """Its result, with what it printed; where it fails, an error that has all of that."""
    options = {"capture_output": True, "text": True} | options
    result = subprocess.run([str(part) for part in command], **options)
    if check and result.returncode != 0:
        words = " ".join(map(str, command))
        raise RuntimeError(f"{words} ended with {result.returncode}:\n{result.stdout}{result.stderr}")
    return result
