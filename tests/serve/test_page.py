"""The page's files fit each other, need nothing else, and can be read by everybody."""

import re
import subprocess
from collections import Counter
from configparser import ConfigParser
from fnmatch import fnmatch
from html.parser import HTMLParser
from pathlib import Path

import pytest

import rnnlm_cli

ROOT = Path(rnnlm_cli.__file__).parent
PAGE = ROOT / "serve" / "page"
TEXTS = {path.name: path.read_text("utf-8") for path in sorted(PAGE.iterdir())}
SCRIPTS = sorted(name for name in TEXTS if name.endswith(".js"))
VOID = {"meta", "link", "input", "br"}


class Page(HTMLParser):
    """Collects the elements, and checks that each ends where it should."""

    def __init__(self):
        super().__init__()
        self.elements, self.open, self.inline = [], [], []
        self.feed(TEXTS["index.html"])
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open and self.open[-1] in {"script", "style"}:
            self.inline.append(data)

    def all(self, *tags):
        return [attrs for tag, attrs in self.elements if tag in tags]


@pytest.fixture(scope="module")
def page():
    return Page()


def test_a_build_carries_every_file():
    parser = ConfigParser()
    parser.read(ROOT.parent / "setup.cfg", encoding="utf-8")
    patterns = parser["options.package_data"]["rnnlm_cli.serve"].split()
    assert [n for n in TEXTS if not any(fnmatch(f"page/{n}", p) for p in patterns)] == []


def test_nothing_is_inline_so_that_the_policy_can_forbid_it(page):
    assert page.inline == []
    assert [a for _, a in page.elements if "style" in a or any(k.startswith("on") for k in a)] == []
    for name in SCRIPTS:
        forbidden = r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function"
        assert not re.search(forbidden, TEXTS[name]), name
        assert not re.search(r"""["']style["']""", TEXTS[name]), name


def test_nothing_comes_from_elsewhere():
    for name, text in TEXTS.items():
        known = text.replace('xmlns="http://www.w3.org/2000/svg"', "")
        assert not re.search(r"https?:|[\"'(]//\w|@import|url\(", known), name


def test_every_file_is_named_by_another_one_and_is_there(page):
    links = {a.get("href") or a.get("src") for a in page.all("link", "script")}
    assert all(link.startswith("page/") for link in links)
    named = {link.removeprefix("page/") for link in links}
    for name in SCRIPTS:
        named |= set(re.findall(r'from "\./([\w.]+)"', TEXTS[name]))
    assert named == TEXTS.keys() - {"index.html"}


def test_imports_are_what_the_other_file_exports():
    for name in SCRIPTS:
        for names, other in re.findall(r'import \{([^}]*)\} from "\./([\w.]+)"', TEXTS[name]):
            exported = re.findall(
                r"^export (?:async )?(?:const|class|function\*?) (\w+)", TEXTS[other], re.MULTILINE
            )
            wanted = {part.split(" as ")[0].strip() for part in names.split(",") if part.strip()}
            assert wanted <= set(exported), (name, other)


def test_every_id_that_a_script_asks_for_is_in_the_page_once(page):
    ids = Counter(a["id"] for _, a in page.elements if "id" in a)
    assert set(ids.values()) == {1}
    parts = ("write", "score", "fill")
    wanted = set(parts) | {f"tab-{part}" for part in parts}
    for name in SCRIPTS:
        wanted |= set(re.findall(r'byId\("([^"]+)"\)', TEXTS[name]))
    wanted |= set(re.findall(r'"([\w-]+)"', re.search(r"fields = \[(.*?)\]", TEXTS["write.js"])[1]))
    assert wanted <= ids.keys()
    referred = {"for", "aria-controls", "aria-labelledby"}
    assert {a[key] for _, a in page.elements for key in referred & a.keys()} <= ids.keys()


def test_every_control_has_a_label(page):
    labelled = {a["for"] for a in page.all("label") if "for" in a}
    inside, depth = set(), []
    for match in re.finditer(r'<label[ >]|</label>|<input id="(\w+)"', TEXTS["index.html"]):
        if match[0] == "</label>":
            depth.pop()
        elif match[1] is None:
            depth.append(match)
        elif depth:
            inside.add(match[1])
    controls = {a["id"] for a in page.all("input", "textarea", "select")}
    assert controls == (labelled | inside) != set()
    assert all(a.get("type") in {"button", "submit"} for a in page.all("button"))


def variables():
    """Return the style sheet's variables, light and dark."""
    found = []
    for block in re.findall(r":root \{(.*?)\}", TEXTS["style.css"], re.DOTALL):
        own = dict(re.findall(r"--([\w-]+): ([^;]+);", block))
        found.append({**(found[0] if found else {}), **own})
    light, dark = found
    return {"light": light, "dark": dark}


def rgb(color):
    digits = color.removeprefix("#")
    if len(digits) == 3:
        digits = "".join(2 * digit for digit in digits)
    return [int(digits[k : k + 2], 16) for k in (0, 2, 4)]


def over(front, back, share):
    return [share * f + (1 - share) * b for f, b in zip(front, back, strict=True)]


def luminance(color):
    """As WCAG 2.2 defines it."""
    parts = [part / 255 for part in color]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(first, second):
    """As WCAG 2.2 defines it, 1 to 21."""
    high, low = sorted((luminance(first), luminance(second)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_text_can_be_read(mode):
    colors = variables()[mode]
    page, soft, ink = rgb(colors["page"]), rgb(colors["soft"]), rgb(colors["ink"])
    for name in ("ink", "faint", "wrong", "accent"):
        for back in (page, soft):
            assert contrast(rgb(colors[name]), back) >= 4.5, name
    assert contrast(rgb(colors["on-accent"]), rgb(colors["accent"])) >= 4.5
    assert contrast(rgb(colors["edge"]), page) >= 3  # a field's border
    bar = float(re.search(r"\.bar \{[^}]*opacity: ([\d.]+)", TEXTS["style.css"])[1])
    behind = over(rgb(colors["accent"]), page, bar)
    assert contrast(ink, behind) >= 4.5
    assert contrast(rgb(colors["faint"]), behind) >= 4.5


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_every_tint_can_be_read_and_told_from_the_next_but_one(mode):
    css, colors = TEXTS["style.css"], variables()[mode]
    tint = [int(part) for part in re.search(r"rgb\((\d+) (\d+) (\d+) / calc", css).groups()]
    shares = [float(s) for s in re.findall(r"^\.s\d+ \{ --share: ([\d.]+); \}", css, re.MULTILINE)]
    assert shares == [k / 10 for k in range(1, 11)]
    most, page = float(colors["most"]), rgb(colors["page"])
    tints = [over(tint, page, most * share) for share in [0, *shares]]
    assert min(contrast(rgb(colors["ink"]), one) for one in tints) >= 4.5
    lightness = [luminance(one) for one in tints]
    assert sorted(lightness, reverse=mode == "light") == lightness
    assert min(contrast(a, b) for a, b in zip(tints, tints[2:], strict=False)) > 1.1


def test_the_colors_are_those_of_the_report():
    report = (ROOT / "report" / "html" / "style.css").read_text("utf-8").lower()
    shared = {"page", "ink", "faint", "rule", "soft"}
    for colors in variables().values():
        for name in shared:
            assert f"--{name}:{colors[name]}" in report
    from rnnlm_cli.report.colors import DIVERGING, SEQUENTIAL

    gates = TEXTS["gates.js"]
    for name, anchors in {"SEQUENTIAL": SEQUENTIAL, "DIVERGING": DIVERGING}.items():
        own = re.findall(r"#\w{6}", re.search(rf"{name} = \[(.*?)\]", gates)[1])
        assert [tuple(rgb(color)) for color in own] == list(anchors)


def node():
    """Return whether node is here, and new enough for modules that a caller gives it."""
    try:
        done = subprocess.run(["node", "--version"], capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return False
    return int(done.stdout.removeprefix("v").split(".")[0]) >= 18


def test_branches_and_chunks(tmp_path):
    """The logic without a page, as a script of node: texts share beginnings, and offsets count
    characters as Python does."""
    if not node():
        pytest.skip("needs node")
    for name in ("tree.js", "numbers.js"):
        (tmp_path / name.replace(".js", ".mjs")).write_text(TEXTS[name], "utf-8")
    (tmp_path / "try.mjs").write_text(SCRIPT, "utf-8")
    done = subprocess.run(["node", tmp_path / "try.mjs"], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


SCRIPT = """
import assert from "node:assert/strict";
import { Tree, promptOf, syllables, tokensOf } from "./tree.mjs";
import { level, percent, surprise } from "./numbers.mjs";

const word = (text) => ({ token: text.trim(), text, logprob: -1, top: [], given: false });
const tree = new Tree();
const first = tree.begin("you");
["you", " say", " goodbye"].forEach((text) => tree.append(first, word(text)));
const second = tree.leave(2, word(" hello"));
tree.append(second, word(" again"));
assert.equal(tree.text(), "you say hello again");
const third = tree.leave(3, word(" ."));
assert.equal(tree.text(third), "you say hello .");
assert.equal(tree.text(first), "you say goodbye");
assert.equal(promptOf(tree.tokens(third), { separator: " ", line_end: "." }), "you say hello\\n");
assert.equal(promptOf(tree.tokens(third), { separator: "", line_end: "." }), "you say hello .");
assert.equal(new Tree(JSON.parse(JSON.stringify(tree))).text(), tree.text());
// an earlier branch that grows later leaves the others as they are
tree.append(first, word(" and"));
assert.equal(tree.text(second), "you say hello again");

// the server's text of letters is a token late; a branch may leave a syllable in its middle
const parts = ["\\u1106", "\\u116e", "\\u11ab", " ", "\\u1109", "\\u1165"];
const late = parts.map((token, k) => ({ token, text: ["", "", "", "\ubb38 ", "", ""][k] }));
assert.deepEqual(syllables(late).map(({ text }) => text), ["", "", "\ubb38", " ", "", "\uc11c"]);
const jamo = { separator: "", unit: "jamo", line_end: "<eos>" };
assert.equal(promptOf(late.slice(0, 2), jamo), "\ubb34");

const chunk = {
  text: "\\u{1F600} 한글",
  logprobs: {
    tokens: ["\\u{1F600}", "한글"],
    token_logprobs: [null, -2],
    top_logprobs: [null, { "한글": -2, "말": -0.5 }],
    text_offset: [7, 8],
  },
};
const [face, letters] = tokensOf(chunk, 8);
assert.deepEqual([face.text, face.given, face.top], ["\\u{1F600}", true, []]);
assert.deepEqual([letters.text, letters.given], [" 한글", false]);
assert.deepEqual(letters.top, [["말", -0.5], ["한글", -2]]);

assert.deepEqual([0.5, 0.123, 0.034, 0.0005, 1e-9, 0.999, 1].map(percent),
  ["50%", "12%", "3.4%", "0.05%", "<0.01%", ">99%", "100%"]);
assert.deepEqual([0, -Math.log(10), -99, null].map((p) => level(p, 100)), [0, 5, 10, 0]);
assert.equal(surprise(-Math.LN2), "probability 50%, 1.0 bits");
"""
