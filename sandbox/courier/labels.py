"""A label as a real, if plain, PDF of one page that says the tracking number."""


def label(tracking: str) -> bytes:
    """The PDF file."""
    text = f"BT /F1 24 Tf 40 360 Td ({_escape(tracking)}) Tj ET".encode()
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 288 432] /Contents 4 0 R "
        b"/Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length " + str(len(text)).encode() + b" >>\nstream\n" + text + b"\nendstream",
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    body = b"%PDF-1.4\n"
    offsets = []
    for number, content in enumerate(objects, 1):
        offsets.append(len(body))
        body += str(number).encode() + b" 0 obj\n" + content + b"\nendobj\n"
    table = b"".join(f"{offset:010d} 00000 n \n".encode() for offset in offsets)
    start = str(len(body)).encode()
    return (
        body
        + b"xref\n0 6\n0000000000 65535 f \n"
        + table
        + b"trailer\n<< /Size 6 /Root 1 0 R >>\nstartxref\n"
        + start
        + b"\n%%EOF\n"
    )


def _escape(text: str) -> str:
    plain = text.encode("ascii", "replace").decode()
    return "".join(f"\\{sign}" if sign in "()\\" else sign for sign in plain)
