"""The style of the page: light, dark and on paper."""

STYLE = """
:root{color-scheme:light dark;--paper:#fbfbf9;--card:#fff;--ink:#1d2126;--quiet:#5c646e;
--line:#dfe1e0;--before:#9a7b4f;--after:#1f6fb2;--good:#2c8a57;--bad:#b8433f;--wait:#b07d12;
--faint:#c9cdd2}
@media (prefers-color-scheme:dark){:root{--paper:#16181b;--card:#1e2125;--ink:#e8eaec;
--quiet:#9fa7b0;--line:#343940;--before:#d0a667;--after:#6cb2ee;--good:#5cc08a;--bad:#ec837e;
--wait:#e0b354;--faint:#4a5058}}
*{box-sizing:border-box}
body{font:15px/1.5 system-ui,"DejaVu Sans",sans-serif;margin:0;background:var(--paper);
color:var(--ink)}
main{max-width:1120px;margin:0 auto;padding:28px 24px 48px}
h1{font-size:26px;line-height:1.25;margin:0;overflow-wrap:anywhere}
h2{font-size:18px;margin:40px 0 12px}
h3{font-size:15px;margin:0 0 6px}section>h3{margin-top:24px}
p{margin:0 0 10px;max-width:76ch}
.quiet,figcaption,footer,th{color:var(--quiet)}
.small,figcaption,footer{font-size:13px}
p.small{margin-top:10px}
.numbers{display:grid;grid-template-columns:repeat(auto-fit,minmax(130px,1fr));gap:12px;
margin:20px 0 16px;padding:0}
.number,figure,.card{background:var(--card);border:1px solid var(--line);border-radius:8px}
.number{padding:12px 14px}
.number b{display:block;font-size:24px;line-height:1.2;font-weight:600}
.number span{font-size:13px;color:var(--quiet)}
.bar{display:flex;gap:2px;height:14px;border-radius:7px;overflow:hidden;background:var(--faint)}
.bar i{display:block;min-width:2px}
.accepted{background:var(--good)}.rejected{background:var(--bad)}
.flagged,.second-opinion{background:var(--wait)}.undecided{background:var(--faint)}
.legend{display:flex;flex-wrap:wrap;gap:4px 18px;margin:8px 0 0;padding:0;list-style:none;
font-size:13px}
.legend i{display:inline-block;width:11px;height:11px;border-radius:3px;margin-right:6px}
.legend .line{height:3px;border-radius:0;vertical-align:3px}
i.after,i.line.after{background:var(--after)}i.before,i.line.before{background:var(--before)}
i.unseen{background:var(--faint)}
.charts{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,400px),1fr));gap:16px}
figure{margin:0;padding:14px 16px}
figcaption{margin-top:8px}
svg{display:block;width:100%;height:auto;max-width:520px;overflow:visible}
svg text{font-size:11px;fill:var(--ink)}svg text.quiet{fill:var(--quiet)}
.grid{stroke:var(--line)}
rect.after{fill:var(--after)}rect.unseen{fill:var(--faint)}
path{fill:none;stroke-width:1.6}path.before{stroke:var(--before)}
path.after{stroke:var(--after);fill:var(--after);fill-opacity:.16}
line.median{stroke-dasharray:3 3;stroke-width:1.3}
line.before{stroke:var(--before)}line.after{stroke:var(--after)}
line.change{stroke:var(--faint);stroke-width:3}
circle.before{fill:var(--card);stroke:var(--before);stroke-width:2}circle.after{fill:var(--after)}
.wide{overflow-x:auto}
table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}
th,td{text-align:right;padding:6px 0 6px 22px;border-bottom:1px solid var(--line);
vertical-align:top;white-space:nowrap}
th{font-weight:500;font-size:13px;line-height:1.25;vertical-align:bottom;white-space:normal}
table.narrow{width:auto}.narrow th{max-width:22em}
th:first-child,td:first-child{text-align:left;padding-left:0;white-space:normal;min-width:7em;
overflow-wrap:anywhere}
.people{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,320px),1fr));gap:16px}
.card{padding:14px;display:flex;flex-direction:column;gap:8px;min-width:0}
.card h3{overflow-wrap:anywhere;margin:0}
.pair{display:grid;grid-template-columns:1fr 1fr;gap:8px}
.pair img,.pair .none{width:100%;aspect-ratio:3/4;border-radius:4px;display:block;
background:var(--paper)}
.pair .none{display:grid;place-items:center;text-align:center;padding:8px;font-size:13px;
color:var(--quiet);border:1px dashed var(--line);overflow-wrap:anywhere}
.pair span{font-size:12px;color:var(--quiet)}
.why{margin:0;padding:0;list-style:none;display:flex;flex-wrap:wrap;gap:6px;font-size:13px}
.why li{border:1px solid var(--line);border-radius:10px;padding:0 8px;overflow-wrap:anywhere}
blockquote{margin:0;padding-left:10px;border-left:3px solid var(--line);overflow-wrap:anywhere;
font-size:14px}
code span{white-space:nowrap}
code{font:12.5px/1.4 ui-monospace,"DejaVu Sans Mono",monospace;background:var(--paper);
border:1px solid var(--line);border-radius:5px;padding:3px 7px;user-select:all;
overflow-wrap:anywhere;margin-top:auto}
footer{margin-top:44px;border-top:1px solid var(--line);padding-top:14px}
@media (max-width:520px){main{padding:18px 14px 36px}h1{font-size:22px}}
@media print{:root{--paper:#fff;--card:#fff;--ink:#000;--quiet:#444;--line:#bbb;--before:#9a7b4f;
--after:#1f6fb2;--good:#2c8a57;--bad:#b8433f;--wait:#b07d12;--faint:#c9cdd2;color-scheme:light}
*{print-color-adjust:exact;-webkit-print-color-adjust:exact}
main{max-width:none;padding:0}body{font-size:12px}
.numbers{grid-template-columns:repeat(6,1fr)}.charts{grid-template-columns:1fr 1fr}
.people{grid-template-columns:1fr 1fr 1fr}.wide{overflow:visible}
th,td,.small,figcaption,footer,.legend,.why{font-size:11px;white-space:normal}
th,td{padding-left:10px}th:first-child,td:first-child{min-width:5em}
figure,.card,.number,table,tr{break-inside:avoid}h2{break-after:avoid}
@page{margin:14mm}}
"""
