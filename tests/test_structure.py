"""What holds the code together: layers, sizes, pins, and docs that leave nothing out."""

import ast
import fnmatch
import hashlib
import re
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

from parley.settings import ROOT, Settings
from parley.store.tables import metadata

SITE = ROOT / "site"
HTMX = "429f6b742f07ec4a8ea17fa74743f744f1b63688e2faa7702651a97f3c1026c7cea69dec1b021d48ff713b7f94944867"  # fmt: skip  # noqa: E501

LAYERS = ("web", "talk", "store")  # each may import from those after it

# What stands beside the layers, and all that it may import of Parley.
TOP = {
    "parley.settings": set(),
    "parley.network": set(),
    "parley.spool": {"parley.store"},
    "parley.bridge": {"parley.spool", "parley.store"},
    "parley.seats": {"parley.talk"},
    "parley.aside": {"parley.talk", "parley.waiting"},
    "parley.waiting": {"parley.seats", "parley.store", "parley.talk"},
    "parley.entrance": {"parley.seats", "parley.talk", "parley.waiting"},
    "parley.connection": {"parley.aside", "parley.seats"},
    "parley": {"parley.settings", "parley.store", "parley.web"},
    "parley.asgi": {
        *("parley", "parley.aside", "parley.bridge", "parley.entrance", "parley.waiting"),
        *("parley.settings", "parley.spool"),
        *("parley.store", "parley.talk", "parley.web"),
    },
    "parley.cli": {
        *("parley", "parley.asgi", "parley.connection", "parley.network", "parley.settings"),
        *("parley.store", "parley.talk", "parley.web"),
    },
}
BESIDE = {"web": {"parley.settings", "parley.network"}, "talk": set(), "store": set()}


def module_of(path: Path) -> str:
    return ".".join(path.relative_to(SITE).with_suffix("").parts).removesuffix(".__init__")


SOURCES = {module_of(path): path for path in sorted(SITE.rglob("*.py"))}
TREES = {module: ast.parse(path.read_text()) for module, path in SOURCES.items()}
TEMPLATES = sorted(path for path in (ROOT / "templates").rglob("*") if path.is_file())
STATIC = sorted(path for path in (ROOT / "static").rglob("*") if path.is_file())
OWN_SCRIPTS = [path for path in STATIC if path.suffix == ".js" and path.name != "htmx.min.js"]
DOCS = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]


def imports(module: str) -> set[str]:
    """The modules of Parley that this one imports, at its top or inside a function."""
    found = set()
    for node in ast.walk(TREES[module]):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{module} imports by dots"
            for alias in node.names:
                inner = f"{node.module}.{alias.name}"
                found.add(inner if inner in SOURCES else str(node.module))
    return {name for name in found if name in SOURCES}


def layer(module: str) -> str | None:
    name = ".".join(module.split(".")[1:2])
    return name if name in LAYERS else None


def names(path: Path) -> str:
    return str(path.relative_to(ROOT))


# --- layers


@pytest.mark.parametrize("module", sorted(SOURCES))
def test_imports_only_point_down(module):
    here = layer(module)
    for other in imports(module):
        there = layer(other)
        if here is None:
            allowed = TOP[module]
            assert other in allowed or f"parley.{there}" in allowed, f"{module} imports {other}"
        elif there is None:
            assert other in BESIDE[here], f"{module} imports {other}"
        else:
            assert LAYERS.index(here) <= LAYERS.index(there), f"{module} imports {other}"


def test_there_is_no_import_circle():
    order = TopologicalSorter({module: imports(module) for module in SOURCES})
    order.prepare()  # raises CycleError, which names the circle


def test_only_web_knows_flask():
    knowing = {
        module
        for module, tree in TREES.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in (
            [node.module] if isinstance(node, ast.ImportFrom) else [a.name for a in node.names]
        )
        if str(name).split(".")[0] in ("flask", "jinja2", "jinja2_fragments", "markupsafe")
    }
    assert {layer(module) or module for module in knowing} <= {"web", "parley", "parley.cli"}


def test_site_is_a_source_root_and_no_package():
    assert not (SITE / "__init__.py").exists()  # `site` is a module of the standard library


# --- sizes


@pytest.mark.parametrize("module", sorted(SOURCES))
def test_files_have_at_most_300_lines(module):
    assert len(SOURCES[module].read_text().splitlines()) <= 300


def test_functions_have_at_most_40_lines():
    long = {
        f"{module}.{node.name}": length
        for module, tree in TREES.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (length := (node.end_lineno or 0) - node.lineno + 1) > 40
    }
    assert long == {}


def test_the_script_by_hand_has_at_most_100_lines_of_100_characters():
    lines = [line for path in OWN_SCRIPTS for line in path.read_text().splitlines()]
    assert len(lines) <= 100
    assert [line for line in lines if len(line) > 100] == []


# --- what pages load


def test_htmx_is_the_one_that_was_tried():
    assert hashlib.sha384((ROOT / "static/htmx.min.js").read_bytes()).hexdigest() == HTMX


@pytest.mark.parametrize("path", TEMPLATES, ids=names)
def test_a_template_has_no_script_or_style_of_its_own(path):
    markup = re.sub(r"\{#.*?#\}", "", path.read_text(), flags=re.S)
    for tag in re.findall(r"<script\b[^>]*>", markup):
        assert " src=" in tag, tag
    assert not re.search(r"<script[^>]*>\s*[^\s<]", markup)
    assert not re.search(r"<style\b", markup)
    assert not re.search(r"\s(style|on[a-z]+|hx-on[\w:-]*)\s*=", markup)
    assert not re.search(r"javascript:|[\"']js:", markup)


@pytest.mark.parametrize(
    "path", [*TEMPLATES, *(path for path in STATIC if path.name != "htmx.min.js")], ids=names
)
def test_nothing_is_loaded_from_another_origin(path):
    text = path.read_text()
    addresses = [
        *re.findall(
            r"""\b(?:src|href|srcset|action|poster|data|hx-\w+)\s*=\s*["']?([^"'\s>]+)""", text
        ),
        *re.findall(r"""url\(\s*["']?([^"')]+)""", text),
        *re.findall(r"""@import\s+["']([^"']+)""", text),
        *re.findall(r"""\b(?:fetch|import|open)\(\s*["'`]([^"'`]+)""", text),
    ]
    assert [one for one in addresses if re.match(r"([a-z][a-z0-9+.-]*:)?//", one, re.I)] == []


def blocks() -> Iterator[tuple[str, str, str]]:
    """Template, name and inside of every block."""
    from jinja2 import Environment

    tokens = re.compile(r"\{%-?\s*(?:block\s+(\w+)|endblock)[^%]*%\}")
    for path in TEMPLATES:
        text, open_blocks = path.read_text(), []
        Environment(autoescape=True).parse(text)
        for token in tokens.finditer(text):
            if token[1]:
                open_blocks.append((token[1], token.end()))
            else:
                name, start = open_blocks.pop()
                yield names(path), name, text[start : token.start()]


def test_a_block_named_like_an_id_begins_with_its_own_element():
    markup = "".join(path.read_text() for path in TEMPLATES)
    ids = set(re.findall(r'\sid="([\w-]+)"', markup))
    found = [
        (where, name, inside) for where, name, inside in blocks() if name.replace("_", "-") in ids
    ]
    for where, name, inside in found:
        first = re.search(r"<\w[^>]*>", inside)
        assert first, f"{where}: block {name} is empty"
        assert f' id="{name.replace("_", "-")}"' in first[0], f"{where}: block {name}"
    assert len(found) > 5


# --- docs and pins


@pytest.mark.parametrize("module", sorted(SOURCES))
def test_everything_public_says_what_it_is(module):
    assert list(silent(module, TREES[module])) == []


def silent(where: str, node: ast.AST) -> Iterator[str]:
    """The public modules, classes, functions and methods without a docstring."""
    if not ast.get_docstring(node):  # type: ignore[arg-type]
        yield where
    for inner in ast.iter_child_nodes(node):
        kinds = ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef
        if not isinstance(inner, kinds) or inner.name.startswith("_"):
            continue
        if isinstance(node, ast.Module | ast.ClassDef):
            yield from silent(f"{where}.{inner.name}", inner)


@pytest.mark.parametrize("name", sorted(Settings.__dataclass_fields__))
def test_every_setting_is_in_the_docs(name):
    text = "".join(path.read_text() for path in DOCS)
    assert re.search(rf"\bPARLEY_{name.upper()}\b", text)


def test_every_setting_in_the_docs_is_there():
    text = "".join(path.read_text() for path in DOCS)
    known = {f"PARLEY_{name.upper()}" for name in Settings.__dataclass_fields__}
    assert set(re.findall(r"\bPARLEY_[A-Z_]+\b", text)) - {"PARLEY_TEST_POSTGRES"} == known


def test_every_address_is_in_the_docs(new_app):
    text = "".join(path.read_text() for path in DOCS)
    told = {re.sub(r"<\w+>", "<>", one) for one in re.findall(r"(/[\w/.<>-]*)", text)}
    missing = {
        rule.rule
        for rule in new_app.url_map.iter_rules()
        if rule.endpoint != "static" and re.sub(r"<[^>]+>", "<>", rule.rule) not in told
    }
    assert missing == set()


def test_every_address_in_the_docs_is_there_with_its_methods(new_app):
    rules = {
        (method, re.sub(r"<[^>]+>", "<>", rule.rule))
        for rule in new_app.url_map.iter_rules()
        for method in rule.methods or ()
    }
    text = (ROOT / "docs/addresses.md").read_text()
    said = re.findall(r"`(GET, POST|GET or POST|GET|POST) (/[^`?]*)`", text)
    assert len(said) > 25
    for methods, path in said:
        for method in re.findall(r"[A-Z]+", methods):
            assert (method, re.sub(r"<\w+>", "<>", path)) in rules, f"{method} {path}"


def test_every_table_is_in_the_docs():
    told = (ROOT / "docs/architecture.md").read_text().partition("## Tables")[2].partition(":")[0]
    assert set(re.findall(r"`(\w+)`", told)) == set(metadata.tables)


def test_the_docs_say_about_how_many_files_there_are():
    told = re.search(r"About (\d+) small files", (ROOT / "README.md").read_text())
    assert told and abs(int(told[1]) - len(SOURCES)) <= 5


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt"])
def test_every_requirement_is_pinned(name):
    for line in (ROOT / name).read_text().splitlines():
        if line and not line.startswith(("#", "-r ")):
            assert re.fullmatch(r"[\w-]+(\[\w+\])?==\d[\w.]*(;[^#]*)?( +# .+)?", line), line


def test_git_does_not_ignore_our_code():
    patterns = [line.strip() for line in (ROOT / ".gitignore").read_text().splitlines()]
    ignored = [line.strip("/") for line in patterns if line and not line.startswith("#")]
    for name in ("site", "parley", "settings.py", "templates", "static", "db", "tests", "docs"):
        assert [one for one in ignored if fnmatch.fnmatch(name, one)] == [], name
    assert {"instance", ".venv"} <= set(ignored)
