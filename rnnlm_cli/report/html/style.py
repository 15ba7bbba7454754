"""The style of the page: light and dark, on a phone and on paper."""

from __future__ import annotations

from rnnlm_cli.report.colors import DIVERGING, SEQUENTIAL
from rnnlm_cli.report.panels import COLORS

ON_DARK = ("#4aa8e0", "#ff8f4d", "#2cc49a", "#e6a3c9", "#f2b134", "#9ad4f7", "#e6e6e6")
"""``COLORS`` as they can be read on a dark page."""

LEVELS = 10
"""Shades of a color behind text."""

STRONGEST = 0.8
"""The opacity of the strongest one, on which black and white text can be read."""

LAYOUT = """
:root{color-scheme:light dark;--page:#fff;--ink:#1b1b1b;
--faint:#5c5c5c;--rule:#dcdcdc;--soft:#f4f4f2}
*{box-sizing:border-box}
body{margin:0 auto;padding:1rem;max-width:70rem;background:var(--page);color:var(--ink);
font:1rem/1.5 system-ui,sans-serif;overflow-wrap:anywhere}
h1{font-size:1.7rem;line-height:1.2;margin:.5rem 0}
h2{font-size:1.35rem;margin:2.5rem 0 .5rem;border-bottom:2px solid var(--rule)}
h3{font-size:1.1rem;margin:2rem 0 .5rem}
p{margin:.5rem 0;max-width:48rem}
nav ul{columns:14rem;padding-left:1.2rem;margin:.5rem 0}
a{color:inherit}
table{border-collapse:collapse;font-variant-numeric:tabular-nums;font-size:.92rem}
caption{text-align:left;color:var(--faint)}
th,td{padding:.2rem .7rem .2rem 0;text-align:left;vertical-align:top;
border-bottom:1px solid var(--rule);
overflow-wrap:normal}
th{font-weight:600}
.number{text-align:right;white-space:nowrap}
.scroll{overflow-x:auto;margin:.6rem 0}
.faint,figcaption,.command{color:var(--faint)}
.command{font-size:.82rem;margin:.3rem 0}
code,pre,.token,.text{font-family:ui-monospace,Consolas,Menlo,"DejaVu Sans Mono",monospace}
code,pre{font-size:.82rem}
.command code{user-select:all;background:var(--soft);padding:.1rem .3rem;border-radius:3px}
pre{white-space:pre-wrap;background:var(--soft);padding:.7rem;border-radius:4px;margin:.6rem 0}
pre.columns{column-width:19rem}
pre.lines{white-space:pre;overflow-x:auto}
.warning{border-left:4px solid #d55e00;padding-left:.7rem}
.figures{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,20rem),1fr));gap:1rem}
figure{margin:.5rem 0;max-width:31rem}
figcaption{font-size:.92rem}
svg text{font:11px system-ui,sans-serif;fill:var(--ink)}
.grid{stroke:var(--rule);fill:none}
.reference{stroke:var(--faint);fill:none}
.line{fill:none;stroke:var(--c);stroke-linejoin:round}
.dot,.bar{fill:var(--c)}
.bar{opacity:.55}
.legend{list-style:none;padding:0;margin:.2rem 0;font-size:.82rem;
display:flex;flex-wrap:wrap;gap:.1rem 1rem}
.legend svg{margin-right:.4rem}
.text{line-height:1.7;white-space:pre-wrap}
.words span{display:inline-block;vertical-align:top;margin:0 .35rem .35rem 0;white-space:nowrap}
.words b{font-weight:400;padding:0 .15rem}
.words small{display:block;font-size:.68rem;line-height:1.25;color:var(--faint)}
@media print{body{max-width:none;padding:0;font-size:10pt}nav{display:none}
h2{break-before:auto}h2,h3{break-after:avoid}figure,table,.command{break-inside:avoid}
.figures{grid-template-columns:1fr 1fr}*{print-color-adjust:exact;-webkit-print-color-adjust:exact}}
"""

DARK = "--page:#16181b;--ink:#e8e8e6;--faint:#a3a5a8;--rule:#3a3d41;--soft:#212428"


def style() -> str:
    """Return the style sheet; it holds no text of a model."""
    light, dark = _curves(COLORS), _curves(ON_DARK)
    # a page is printed on white paper
    on_dark = f"@media screen and (prefers-color-scheme:dark){{:root{{{DARK}}}{dark}}}"
    return f"{LAYOUT.strip()}\n{light}\n{on_dark}\n{_shades()}\n"


def level(value: float) -> int:
    """Return the shade of a value from 0 to 1; 0 is none."""
    return round(min(max(value, 0.0), 1.0) * LEVELS)


def _curves(colors: tuple[str, ...]) -> str:
    return "".join(f".c{k}{{--c:{color}}}" for k, color in enumerate(colors))


def _shades() -> str:
    """Return the classes of text that is surprising, or below and above zero."""
    named = {"s": SEQUENTIAL[2], "n": DIVERGING[0], "p": DIVERGING[-1]}
    return "".join(
        f".{name}{k}{{background:rgb({red} {green} {blue}/{STRONGEST * k / LEVELS:.2f})}}"
        for name, (red, green, blue) in named.items()
        for k in range(1, LEVELS + 1)
    )
