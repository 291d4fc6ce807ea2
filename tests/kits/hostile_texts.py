"""Two hundred texts that would do harm if a page, a log or a spreadsheet ran them."""

RAN = "window.PWNED=1;document.title='PWNED';alert(1)"
MARKUP = [
    "<script>{}</script>",
    "</script><script>{}</script>",
    "</title><script>{}</script>",
    "</style><script>{}</script>",
    "</textarea><script>{}</script>",
    "<!--<script>{}</script>-->",
    "--><script>{}</script>",
    "]]><script>{}</script>",
    '<img src=x onerror="{}">',
    "<img src=x onerror={}>",
    "<img/src=x/onerror={}>",
    '<svg onload="{}">',
    "<svg><script>{}</script></svg>",
    "<svg><animate onbegin={} attributeName=x></svg>",
    "<math><mtext><script>{}</script></mtext></math>",
    '<body onload="{}">',
    '<iframe srcdoc="<script>{}</script>"></iframe>',
    '<iframe src="javascript:{}"></iframe>',
    '<a href="javascript:{}">x</a>',
    '<object data="data:text/html,<script>{}</script>"></object>',
    '<embed src="javascript:{}">',
    '<details open ontoggle="{}">',
    '<input autofocus onfocus="{}">',
    '<video><source onerror="{}"></video>',
    '<audio src=x onerror="{}">',
    '<meta http-equiv=refresh content="0;url=javascript:{}">',
    '<base href="https://evil.example/"><script>{}</script>',
    "<link rel=stylesheet href=https://evil.example/x.css>{}",
    "<style>@import 'https://evil.example/x.css';</style>{}",
    "<template><script>{}</script></template>",
    '<noscript><p title="</noscript><img src=x onerror={}>"></noscript>',
    '" onmouseover="{}" x="',
    "' onmouseover='{}' x='",
    '"><script>{}</script>',
    "'><script>{}</script>",
    "` onerror=`{}`",
    "javascript:{}",
    "data:text/html,<script>{}</script>",
    "{{{{ ''.__class__.__mro__ }}}} {}",
    "{{% for x in ().__class__.__base__.__subclasses__() %}}{{% endfor %}} {}",
    "${{{}}}",
    "#{{{}}}",
    "<%= {} %>",
    "*/;{};/*",
    "\\u003cscript\\u003e{}\\u003c/script\\u003e",
    "&lt;script&gt;{}&lt;/script&gt;",
    "&#60;script&#62;{}&#60;/script&#62;",
    "%3Cscript%3E{}%3C/script%3E",
]
PLAIN = [
    "=cmd|' /C calc'!A0",
    "+1+1",
    "-2+3",
    "@SUM(A1:A9)",
    "\t=1+1",
    "\r=1+1",
    "abc\u202egpj.exe",
    "\u2066hidden\u2069",
    "a\u200bb",
    "\x00nul",
    "\x1b[31mred\x1b[0m",
    "\x07bell",
    "line\nbreak",
    "\u2028separator",
    "\ufeffmark",
    "\U000e0041tag",
    "[click](javascript:alert(1))",
    "![x](https://evil.example/x.png)",
    "https://evil.example/",
    "| a | b |",
    "`code`",
    "# heading",
    "::error::x",
    "🏳️‍🌈 emoji \u200d joined",
    "مرحبا",
    "日本語",
    "Ω≈ç√∫",
    "__proto__",
    "constructor",
    "toString",
    "NaN",
    "undefined",
    "null",
    "../../etc/passwd",
    "C:\\windows\\system32",
    "'; DROP TABLE samples; --",
    "x" * 300,
    "\u0301" * 40,
]


def texts():
    """Exactly 200 different texts, and one of a megabyte."""
    found = [shape.format(RAN) for shape in MARKUP]
    found += [shape.format(RAN).upper() for shape in MARKUP]
    found += [f"caption {text} after" for text in found[: len(MARKUP)]]
    found += PLAIN
    found += [f"{a} {b}" for a, b in zip(MARKUP, PLAIN, strict=False)][: 200 - len(found)]
    assert len(found) == len(set(found)) == 200, len(found)
    return found


MEGABYTE = "<script>" + "A" * 1_000_000
