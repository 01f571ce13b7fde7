"""The style sheet of a report: type, tables that print whole, and the colours of drawings for light and dark."""

from __future__ import annotations

from collections.abc import Mapping

from graphmodel.drawing.theme import DARK_SURFACE, LIGHT_SURFACE, Surface, Tone
from graphmodel.reports.palette import DARK, LIGHT

_BASE = """
*{box-sizing:border-box}
html{font:16px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",sans-serif}
html{color:var(--ink);background:var(--ground)}
body{max-width:72rem;margin:0 auto;padding:1.5rem}
h1{font-size:1.9rem;line-height:1.2;margin:.2em 0}
h2{font-size:1.35rem;line-height:1.3;margin:2.2rem 0 .6rem;padding-top:.6rem;border-top:1px solid var(--rule)}
h3{font-size:1.1rem;margin:1.6rem 0 .4rem}
p,li{max-width:46rem;overflow-wrap:anywhere}
a{color:var(--accent)}
.skip{position:absolute;left:-99rem}.skip:focus{position:static}
.subtitle{color:var(--muted);font-size:1.1rem;margin:0 0 .8rem}
.logo{float:right;max-height:4.5rem;max-width:14rem;margin-left:1rem}
dl{display:flex;flex-wrap:wrap;gap:.3rem 2rem;margin:0}
dt{color:var(--muted);font-size:.85rem}dd{margin:0;overflow-wrap:anywhere}
nav ol{columns:2;padding-left:1.4rem}
.wide{overflow-x:auto;margin:1rem 0}
.wide:focus-visible{outline:2px solid var(--accent);outline-offset:2px}
table{border-collapse:collapse;width:100%;font-size:.9rem;line-height:1.4}
caption{text-align:left;font-weight:600;padding:.2rem 0 .5rem}
th,td{text-align:left;vertical-align:top;padding:.35rem .7rem .35rem 0;overflow-wrap:break-word}
th,td{border-bottom:1px solid var(--rule)}
thead th{color:var(--muted);font-weight:600;border-bottom:2px solid var(--rule);vertical-align:bottom}
tbody th{font-weight:600}
td.number{font-variant-numeric:tabular-nums}
td.code{font-size:.85em;overflow-wrap:anywhere}
.more{color:var(--muted);font-size:.9rem}
.small{color:var(--muted);font-size:.9rem}
.note{border-left:4px solid var(--accent);padding:.4rem .8rem;background:var(--soft)}
figure{margin:1rem 0}figcaption{color:var(--muted);font-size:.9rem}
svg text{font-family:inherit}
footer{margin-top:3rem;border-top:1px solid var(--rule);color:var(--muted);font-size:.9rem}
@page{size:A4;margin:16mm 14mm 18mm}
@media print{
html{font-size:9.5pt;line-height:1.35}body{max-width:none;padding:0}nav,.skip{display:none}
p,li{max-width:none}figure,.wide{margin:.5rem 0}
.wide{overflow:visible}table{font-size:8pt}thead{display:table-header-group}
tr,figure,.note{break-inside:avoid}h2,h3,caption{break-after:avoid}
svg{max-width:100%;height:auto;max-height:225mm}
.break{break-before:page}
h2{margin:.9rem 0 .3rem;padding-top:.3rem}.break+h2{border-top:0}
.one-page{font-size:8pt;line-height:1.25}.one-page table{font-size:7pt}.one-page p{margin:.3rem 0}
.one-page h1{font-size:15pt}.one-page h2{font-size:10.5pt;margin:.4rem 0 .1rem;padding-top:.2rem}
.one-page ul{margin:.2rem 0}
.one-page .subtitle{font-size:9pt;margin:0}.one-page svg{max-height:52mm;width:auto}.one-page figure{margin:.2rem 0}
.one-page .wide{margin:.2rem 0}.one-page td,.one-page th{padding:.12rem .7rem .12rem 0}.one-page .small{font-size:7pt}
.one-page footer{margin-top:.4rem;font-size:7pt}.one-page footer p{margin:.1rem 0}.one-page caption{padding:.1rem 0}
}
"""


def _colours(tones: Mapping[str, Tone], surface: Surface) -> str:
    page = {
        "ground": surface.ground, "ink": surface.text, "muted": surface.muted, "accent": surface.accent,
        "rule": tones["muted"].line, "soft": tones["muted"].fill,
    }  # fmt: skip
    parts = ("fill", "line", "text")
    named = page | {f"{name}-{part}": getattr(tone, part) for name, tone in tones.items() for part in parts}
    return "".join(f"--{name}:{value};" for name, value in named.items())


def _sheet() -> str:
    light, dark = _colours(LIGHT, LIGHT_SURFACE), _colours(DARK, DARK_SURFACE)
    shapes = "".join(
        f".b-{one}{{fill:var(--{one}-fill);stroke:var(--{one}-line);stroke-width:1.25}}"
        f".l-{one}{{fill:none;stroke:var(--{one}-line)}}.a-{one}{{fill:var(--{one}-line)}}"
        f".t-{one}{{fill:var(--{one}-text)}}"
        for one in LIGHT
    )
    # On paper a report is light, whatever the screen is.
    return (
        f":root{{color-scheme:light dark;{light}}}"
        f"@media screen and (prefers-color-scheme:dark){{:root{{{dark}}}}}{_BASE}{shapes}"
    ).replace("\n", "")


STYLE = _sheet()
