"""The map in a cell of a notebook: packed, kept apart, and drawn once it comes into view.

A page of several megabytes, written out and escaped, would make the notebook as heavy as itself.
Packed, it takes half of that. The frame is a sandbox of its own, which browsers run beside the
notebook and not within it, so that drawing a large district does not hold up typing; and it waits
until the reader scrolls to it.
"""

from __future__ import annotations

import base64
import gzip
import html

# Four bytes in five letters: base64 takes four letters for three. None is escaped in an attribute.
_PYTHONS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz!#$%&()*+-;<=>?@^_`{|}~"
_SAFE = str.maketrans("&<>", ".:/")
LETTERS = _PYTHONS.translate(_SAFE)

_LOADER = """<!DOCTYPE html><meta charset="utf-8"><title>{title}</title><script>
(async () => {{
  const packed = "{packed}", letters = "{letters}";
  const bytes = new Uint8Array((packed.length / 5) * 4), value = new Uint8Array(128);
  for (let i = 0; i < 85; i++) value[letters.charCodeAt(i)] = i;
  for (let i = 0, at = 0; i < packed.length; at += 4) {{
    let word = 0;
    for (const end = i + 5; i < end; i++) word = word * 85 + value[packed.charCodeAt(i)];
    for (let k = 0; k < 4; k++) bytes[at + k] = word >>> (24 - 8 * k);
  }}
  const small = new Blob([bytes.subarray(0, {size})]).stream();
  const plain = small.pipeThrough(new DecompressionStream("gzip"));
  const page = await new Response(plain).text();
  document.open();
  document.write(page);
  document.close();
}})();
</script>"""

_FRAME = (
    '<div style="position:relative;width:100%;aspect-ratio:5/3;min-height:480px">'
    '<iframe title="{title}" srcdoc="{page}" loading="lazy"'
    ' sandbox="allow-scripts allow-downloads allow-modals allow-popups" allowfullscreen'
    ' style="position:absolute;width:100%;height:100%;left:0;top:0;border:0"></iframe></div>'
)


def notebook_frame(page: str, title: str) -> str:
    """Build a frame that a notebook's cell can hold, with a page in it.

    Parameters
    ----------
    page
        The whole page.
    title
        What the frame is called, for those who read by ear.

    Returns
    -------
    HTML.
    """
    small = gzip.compress(page.encode(), mtime=0)
    packed = base64.b85encode(small, pad=True).decode().translate(_SAFE)
    title = html.escape(title)
    loader = _LOADER.format(title=title, packed=packed, letters=LETTERS, size=len(small))
    return _FRAME.format(title=title, page=html.escape(loader))
