"""Makes the files that hang on the world's mail: small, but each opens in the program it is meant for.

A file is named by its name alone (``plan.pdf``); its content follows from the name and a title. Nothing is random.
"""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from functools import lru_cache
from hashlib import sha256

TYPES = {
    "pdf": "application/pdf",
    "png": "image/png",
    "csv": "text/csv",
    "txt": "text/plain",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "zip": "application/zip",
}


@lru_cache(maxsize=256)
def content(name: str, title: str) -> tuple[str, bytes]:
    """The media type and the bytes of the file called ``name``."""
    kind = name.rpartition(".")[2].lower()
    makers = {"pdf": _pdf, "png": _png, "csv": _csv, "docx": _docx, "zip": _zip}
    make = makers.get(kind, lambda text: (text + "\n").encode())
    return TYPES.get(kind, "application/octet-stream"), make(f"{name.rpartition('.')[0]}: {title}")


def _pdf(title: str) -> bytes:
    text = title.encode("cp1252", "replace").replace(b"\\", b"/").replace(b"(", b"[").replace(b")", b"]")
    page = b"BT /F1 20 Tf 60 760 Td (" + text + b") Tj ET\n0.7 w 60 748 m 535 748 l S\n"
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources 6 0 R >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(page), page),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
        b"<< /Font << /F1 5 0 R >> >>",
    ]
    out, offsets = b"%PDF-1.4\n", []
    for number, body in enumerate(objects, 1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    return out + (
        b"xref\n0 7\n0000000000 65535 f \n%strailer\n<< /Size 7 /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n"
        % (table, len(out))
    )


def _png(title: str) -> bytes:
    """A quiet landscape of light: a gradient with a low sun, its colours taken from the title."""
    width, height = 240, 135
    seed = sha256(title.encode()).digest()
    top, low = seed[0:3], bytes(160 + value % 90 for value in seed[3:6])
    sun_x, sun_y = 40 + seed[6] % 160, 50 + seed[7] % 40
    rows = bytearray()
    for y in range(height):
        rows.append(0)
        for x in range(width):
            near = max(0.0, 1 - ((x - sun_x) ** 2 + (y - sun_y) ** 2) ** 0.5 / 60)
            for a, b in zip(top, low, strict=True):
                base = a * 0.6 + (b - a * 0.6) * y / height
                rows.append(int(base + (255 - base) * near * near))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in (
            (b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)),
            (b"IDAT", zlib.compress(bytes(rows), 9)),
            (b"IEND", b""),
        )
    )


def _csv(title: str) -> bytes:
    rows = ["item,quantity,lumen,price_eur"]
    for number, byte in enumerate(sha256(title.encode()).digest()[:12], 1):
        rows.append(f"L-{number:03d},{byte % 9 + 1},{byte * 12 + 300},{byte * 1.75 + 40:.2f}")
    return ("\r\n".join(rows) + "\r\n").encode()


def _docx(title: str) -> bytes:
    escaped = title.replace("&", "&amp;").replace("<", "&lt;")
    word = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    package = "http://schemas.openxmlformats.org/package/2006"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    xml = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
    types = (
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/word/document.xml" ContentType="{TYPES["docx"]}.main+xml"/>'
    )
    target = f'<Relationship Id="r1" Type="{office}/officeDocument" Target="word/document.xml"/>'
    body = f"<w:body><w:p><w:r><w:t>{escaped}</w:t></w:r></w:p></w:body>"
    return _packed(
        {
            "[Content_Types].xml": f'{xml}<Types xmlns="{package}/content-types">{types}</Types>',
            "_rels/.rels": f'{xml}<Relationships xmlns="{package}/relationships">{target}</Relationships>',
            "word/document.xml": f'{xml}<w:document xmlns:w="{word}">{body}</w:document>',
        }
    )


def _zip(title: str) -> bytes:
    return _packed({"readme.txt": title + "\n", "measurements.csv": _csv(title).decode()})


def _packed(files: dict[str, str]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(zipfile.ZipInfo(name, (2024, 1, 1, 12, 0, 0)), text)
    return out.getvalue()
