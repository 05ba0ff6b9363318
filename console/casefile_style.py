"""How the page of an incident file looks, on a screen and on A4 paper. No fonts, no pictures."""

import base64
import hashlib
from typing import Final

STYLE: Final = """
@page { size: A4; margin: 16mm 15mm 18mm;
  @bottom-right { content: counter(page) " / " counter(pages); font: 8pt sans-serif; } }
* { box-sizing: border-box; }
html { background: #e9ebed; }
body { max-width: 190mm; margin: 8mm auto; padding: 14mm 14mm 16mm; background: #fff; color: #111;
  overflow-wrap: anywhere;
  font: 10pt/1.5 "Noto Sans CJK SC", "Source Han Sans SC", "PingFang SC", "Microsoft YaHei",
    "Noto Sans SC", sans-serif; }
header { border-bottom: 2.5pt solid #111; padding-bottom: 3mm; margin-bottom: 5mm; }
.centre { font-size: 10pt; color: #444; }
.number { float: right; max-width: 60%; text-align: right; color: #444; font-size: 9pt; }
.number b { display: block; color: #111; font-size: 13pt; letter-spacing: .02em; }
h1 { font-size: 20pt; line-height: 1.25; margin: 0; font-weight: 700; }
h2 { font-size: 12pt; margin: 7mm 0 2mm; padding-bottom: 1mm; border-bottom: .75pt solid #111;
  break-after: avoid; }
h3 { font-size: 10pt; margin: 4mm 0 1mm; break-after: avoid; }
p { margin: 1.5mm 0; }
.marks { margin-top: 2mm; }
.mark { display: inline-block; border: 1.2pt solid #111; padding: 0 2.5mm; margin-right: 2mm;
  font-weight: 700; }
.drill { border-style: double; border-width: 3pt; padding: 1mm 3mm; margin: 0 0 4mm;
  font-weight: 700; text-align: center; }
.small { font-size: 8.5pt; color: #444; }
dl { display: grid; grid-template-columns: 26mm 1fr 26mm 1fr; gap: 1mm 3mm; margin: 0; }
dt { color: #555; }
dd { margin: 0; overflow-wrap: anywhere; }
dd.wide { grid-column: span 3; }
dl + dl { margin-top: 1mm; }
table { width: 100%; border-collapse: collapse; font-size: 9pt; line-height: 1.4; }
thead { display: table-header-group; }
tr { break-inside: avoid; }
th { text-align: left; font-weight: 600; color: #444; border-bottom: .75pt solid #777;
  padding: .8mm 2mm .8mm 0; vertical-align: bottom; overflow-wrap: normal; }
td { border-bottom: .4pt solid #ccc; padding: .9mm 2mm .9mm 0; vertical-align: top;
  overflow-wrap: anywhere; }
td.n, th.n { text-align: right; white-space: nowrap; padding-right: 4mm;
  font-variant-numeric: tabular-nums; }
td.t { white-space: nowrap; font-variant-numeric: tabular-nums; }
table.called td:nth-child(-n+2), table.called td:last-child { overflow-wrap: normal; }
table.called th:nth-child(1), table.called td:nth-child(1) { min-width: 20mm; }
table.called th:nth-child(2), table.called td:nth-child(2) { min-width: 14mm; }
table.called td:last-child, table.called th:last-child { min-width: 18mm; }
table.steps th:nth-child(1) { width: 40%; }
table.steps th:nth-child(2) { width: 26%; }
table.steps th:nth-child(3) { width: 14%; }
tr.day td { font-weight: 600; border-bottom: .75pt solid #777; padding-top: 2mm; }
tr.cut td { color: #555; font-style: italic; }
td .id { color: #666; font-size: 8pt; }
.gone { color: #555; font-style: italic; }
blockquote { margin: 1.5mm 0 2.5mm; padding: 0 0 0 3mm; border-left: 2pt solid #999;
  white-space: pre-wrap; overflow-wrap: anywhere; }
blockquote footer { white-space: normal; color: #555; font-size: 8.5pt; }
figure { margin: 2mm 0; break-inside: avoid; }
figure svg { display: block; width: 100%; height: auto; border: .75pt solid #999; }
td svg { width: 15mm; height: 2.4mm; }
.seal { font: 600 11pt/1.6 "Noto Sans Mono CJK SC", "DejaVu Sans Mono", Consolas, monospace;
  border: 1.2pt solid #111; padding: 2mm 3mm; overflow-wrap: anywhere; break-inside: avoid; }
code { font: 9pt "Noto Sans Mono CJK SC", "DejaVu Sans Mono", Consolas, monospace;
  background: #f2f3f4; padding: .3mm 1.2mm; }
.sign { display: grid; grid-template-columns: repeat(4, 1fr); gap: 6mm; margin-top: 12mm;
  break-inside: avoid; }
.sign span { border-top: .75pt solid #111; padding-top: 1mm; font-size: 9pt; color: #444; }
@media print { html { background: #fff; } body { margin: 0; padding: 0; max-width: none; } }
@media screen and (max-width: 700px) { body { padding: 5mm; margin: 0; }
  dl { grid-template-columns: 26mm 1fr; } dd.wide { grid-column: auto; } }
"""

POLICY: Final = (
    "default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
)


def policy() -> str:
    """The content security policy of the page: this style and nothing else, also when saved."""
    digest = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
    return POLICY.format(digest=digest)
