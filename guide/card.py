"""The picture that stands for a page where its address is shared, drawn from its title."""

from io import BytesIO
from textwrap import wrap

from PIL import Image, ImageDraw, ImageFont

WIDTH, HEIGHT, MARGIN = 1200, 630, 84
PAPER, INK, QUIET, ACCENT = "#fbfaf6", "#1d1b16", "#5d584c", "#0b6e5b"
TITLE_SIZES = ((84, 24, 2), (64, 32, 3), (48, 42, 4))


def draw(title: str, text: str, label: str, site_name: str) -> bytes:
    """A PNG of 1200 by 630 pixels with the font that comes with Pillow."""
    image = Image.new("RGB", (WIDTH, HEIGHT), PAPER)
    pen = ImageDraw.Draw(image)
    pen.rectangle((0, 0, 18, HEIGHT), fill=ACCENT)
    pen.text((MARGIN, 70), label.upper(), fill=ACCENT, font=_font(26))
    bottom = _title(pen, title)
    for number, line in enumerate(wrap(text, 62)[:4]):
        pen.text((MARGIN, bottom + 28 + number * 46), line, fill=QUIET, font=_font(34))
    pen.text((MARGIN, HEIGHT - 84), site_name, fill=INK, font=_font(30))
    out = BytesIO()
    image.quantize(64).save(out, "PNG", optimize=True)
    return out.getvalue()


def _title(pen: ImageDraw.ImageDraw, title: str) -> int:
    """Draw the title as large as it fits; returns where it ends."""
    fitting = [(size, wrap(title, width)) for size, width, most in TITLE_SIZES]
    limits = [most for _, _, most in TITLE_SIZES]
    size, lines = next(
        (pair for pair, most in zip(fitting, limits, strict=True) if len(pair[1]) <= most),
        fitting[-1],
    )
    for number, line in enumerate(lines[:4]):
        pen.text((MARGIN, 124 + number * (size + 14)), line, fill=INK, font=_font(size))
    return 124 + min(len(lines), 4) * (size + 14)


def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size)
