"""The files of one branch of a Git repository, by the git on this machine.

Only the newest commit is fetched, into a bare clone in a folder that is deleted afterwards: nothing
is checked out, so no filter, hook or attribute of the repository runs. Links and submodules are
left out. Credentials are those of git on this machine; it is never asked for a password.
"""

import re
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

from ingest.connectors.connector import ConnectedFile, OpenedFile
from ingest.errors import ConnectorError

_BLOCK = 1 << 20
_SECONDS = 900
_FILE_MODES = (b"100644", b"100755")
_ADDRESS = re.compile(r"(https://|ssh://|file:///|[\w.-]+@[\w.-]+:)[^\s]+")
_CREDENTIALS = re.compile(r"https://[^/]*@|ssh://[^/]*:[^/]*@")
_SAFE = (
    "-c", "protocol.ext.allow=never", "-c", "core.hooksPath=/dev/null",
    "-c", "core.fsmonitor=false", "-c", "credential.interactive=false",
)  # fmt: skip


class GitRepository:
    """One branch of a repository; it is cloned when it is listed."""

    def __init__(self, address: str, branch: str | None = None, folder: str = "") -> None:
        """Prepare a connector for the files below ``folder`` of a branch; none: the default one.

        Raises:
            ConnectorError: git is not given this address or branch, or it holds a password.

        """
        if not _ADDRESS.fullmatch(address) or (branch or "").startswith("-"):
            raise ConnectorError(
                "A repository is https://, ssh://, file:/// or name@host:path, with #branch."
            )
        if _CREDENTIALS.match(address):  # the source's address is stored, and shown in lists
            raise ConnectorError(
                "Leave the password or token out of the address, and give it to git's own "
                "credential helper."
            )
        self._address = address
        self._branch = branch
        self._folder = folder.strip("/")
        self._clone = tempfile.TemporaryDirectory(prefix="footnote-git-")

    def list_files(self) -> list[ConnectedFile]:
        """Return the regular files of the newest commit; a file's mark is the id of its bytes."""
        branch = ("--branch", self._branch) if self._branch else ()
        self._git(
            "clone", "--quiet", "--bare", "--depth", "1", "--single-branch", "--no-tags", *branch,
            "--", self._address, self._path,
        )  # fmt: skip
        below = ("--", f"{self._folder}/") if self._folder else ()
        listing = self._git("--git-dir", self._path, "ls-tree", "-r", "-z", "HEAD", *below)
        return [file for line in listing.split(b"\0") if (file := _file(line)) is not None]

    @contextmanager
    def open_file(self, file: ConnectedFile) -> Iterator[OpenedFile]:
        """Open one file of the commit that was listed."""
        command = _command("--git-dir", self._path, "cat-file", "blob", str(file.mark))
        with subprocess.Popen(  # noqa: S603 - the address was checked, and no shell is asked
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        ) as process:
            assert process.stdout is not None
            stream = process.stdout
            blocks = iter(lambda: stream.read(_BLOCK), b"")
            yield OpenedFile(PurePosixPath(file.path).name, blocks)
        if process.returncode:
            raise ConnectorError(f"git could not read {file.path}.")

    @property
    def _path(self) -> str:
        return str(Path(self._clone.name) / "clone.git")

    def _git(self, *arguments: str) -> bytes:
        try:
            result = subprocess.run(  # noqa: S603 - as above
                _command(*arguments),
                stdin=subprocess.DEVNULL, capture_output=True, timeout=_SECONDS, check=False,
            )  # fmt: skip
        except FileNotFoundError as error:
            raise ConnectorError("git is not installed on this machine.") from error
        except subprocess.TimeoutExpired as error:
            raise ConnectorError(f"git did not end within {_SECONDS} s.") from error
        if result.returncode:
            lines = result.stderr.decode(errors="replace").strip().splitlines()
            raise ConnectorError(f"git: {lines[-1][:300] if lines else 'it failed'}")
        return result.stdout


def _command(*arguments: str) -> Sequence[str]:
    return ("env", "GIT_TERMINAL_PROMPT=0", "GIT_CONFIG_NOSYSTEM=1", "git", *_SAFE, *arguments)


def _file(line: bytes) -> ConnectedFile | None:
    """Return the file of a line of ``ls-tree``; none for links, submodules and hidden files."""
    head, _, name = line.partition(b"\t")
    mode, _, rest = head.partition(b" ")
    path = name.decode(errors="replace")
    if mode not in _FILE_MODES or any(part.startswith(".") for part in path.split("/")):
        return None
    return ConnectedFile(path, rest.rpartition(b" ")[2].decode())
