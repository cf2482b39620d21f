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

_LOADER = """<!DOCTYPE html><meta charset="utf-8"><title>{title}</title><script>
(async () => {{
  const bytes = Uint8Array.from(atob("{packed}"), (letter) => letter.charCodeAt(0));
  const plain = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
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


def in_cell(page: str, title: str) -> str:
    """Put a page into a frame that a notebook's cell can hold.

    Parameters
    ----------
    page
        The whole page.
    title
        What the frame is called, for those who read by ear.
    """
    packed = base64.b64encode(gzip.compress(page.encode(), mtime=0)).decode()
    title = html.escape(title)
    loader = _LOADER.format(title=title, packed=packed)
    return _FRAME.format(title=title, page=html.escape(loader))
