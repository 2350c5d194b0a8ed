"""OLE compound files (MS-CFB), as small as they can be: enough for a message of Outlook."""

import struct
from collections.abc import Mapping
from dataclasses import dataclass, field

SECTOR, MINI, CUTOFF = 512, 64, 4096
FREE, END, FAT = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD
STORAGE, STREAM, ROOT = 1, 2, 5

Folder = Mapping[str, "bytes | Folder"]


@dataclass
class _Entry:
    name: str
    kind: int
    content: bytes = b""
    start: int = END
    links: list[int] = field(default_factory=lambda: [FREE, FREE, FREE])
    """Left and right sibling, first child."""

    def packed(self) -> bytes:
        name = f"{self.name}\0".encode("utf-16-le")
        head = name.ljust(64, b"\0") + struct.pack("<HBB", len(name), self.kind, 1)
        return head + struct.pack("<3I36xIQ", *self.links, self.start, len(self.content))


def compound(root: Folder) -> bytes:
    """Return a compound file of these streams and folders; every stream below 4,096 bytes."""
    entries = [_Entry("Root Entry", ROOT)]
    _add(entries, entries[0], root)
    minis: list[int] = []
    small = b""
    for entry in entries[1:]:
        assert len(entry.content) < CUTOFF
        if entry.content:
            entry.start = len(minis)
            count = -(-len(entry.content) // MINI)
            minis += [*range(entry.start + 1, entry.start + count), END]
            small += entry.content.ljust(count * MINI, b"\0")
    chains = struct.pack(f"<{len(minis)}I", *minis)
    sizes = [-(-size // SECTOR) for size in (128 * len(entries), len(chains), len(small))]
    table, starts = [FAT], []
    for size in sizes:
        starts.append(len(table))
        table += [*range(len(table) + 1, len(table) + size), END]
    entries[0].start, entries[0].content = starts[2], small
    listed = b"".join(entry.packed() for entry in entries)
    fills = ((listed, b"\0"), (chains, b"\xff"), (small, b"\0"))
    sectors = b"".join(
        part.ljust(size * SECTOR, fill) for (part, fill), size in zip(fills, sizes, strict=True)
    )
    head = bytes.fromhex("d0cf11e0a1b11ae1") + struct.pack(
        "<16x5H6x9I", 0x3E, 3, 0xFFFE, 9, 6,
        0, 1, starts[0], 0, CUTOFF, starts[1], sizes[1], END, 0,
    )  # fmt: skip
    head += struct.pack("<109I", 0, *[FREE] * 108)
    return head + struct.pack("<128I", *table, *[FREE] * (128 - len(table))) + sectors


def _add(entries: list[_Entry], parent: _Entry, folder: Folder) -> None:
    """Append a folder's entries: the first is the parent's child, each next one its brother."""
    holder, link = parent, 2
    for name, content in folder.items():
        is_stream = isinstance(content, bytes)
        entry = _Entry(name, STREAM, content) if is_stream else _Entry(name, STORAGE)
        holder.links[link] = len(entries)
        holder, link = entry, 1
        entries.append(entry)
        if not is_stream:
            _add(entries, entry, content)


def outlook_message(subject: str, body: str, attachments: Mapping[str, bytes]) -> bytes:
    """Return a message of Outlook (MS-OXMSG) with attachments under the very names given."""

    def said(text: str) -> bytes:
        return text.encode("utf-16-le")

    def properties(head: int, *pairs: tuple[int, int]) -> bytes:
        rows = (struct.pack("<IIII", tag, 6, value, 0) for tag, value in pairs)
        return bytes(head) + b"".join(rows)

    folder: dict[str, bytes | Folder] = {
        "__substg1.0_001A001F": said("IPM.Note"),
        "__substg1.0_0037001F": said(subject),
        "__substg1.0_1000001F": said(body),
    }
    for number, (name, content) in enumerate(attachments.items()):
        folder[f"__attach_version1.0_#{number:08X}"] = {
            "__substg1.0_37010102": content,
            "__substg1.0_3707001F": said(name),
            "__properties_version1.0": properties(
                8, (0x37050003, 1), (0x37010102, len(content)), (0x3707001F, 2 * len(name) + 2)
            ),
        }
    sizes = [(0x001A001F, 18), (0x0037001F, 2 * len(subject) + 2), (0x1000001F, 2 * len(body) + 2)]
    folder["__properties_version1.0"] = properties(32, *sizes)
    return compound(folder)
