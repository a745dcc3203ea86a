"""Fits the pages, which GitHub shows as well, to the site: search, contents, pictures, tables."""

from __future__ import annotations

import re

PICTURE = re.compile(r'<img alt="([^"]*)" src="(?:\.\./)*([\w/-]+\.svg)" ?/?>')
TABLE = re.compile(r"<table>.*?</table>", re.DOTALL)
HEADING = re.compile(r"<h\d .*?</h\d>", re.DOTALL)
CELL = re.compile(r"<td\b")
FIGURE = re.compile(r"<td(?=[^>]*>[-+]?\d[\d.,]*</td>)")
BREAK_AFTER = re.compile(r"(?:(?<=\w)[/_.](?=[a-zA-Z])|(?<=[a-z])(?=[A-Z][a-z]))(?![^<]*>)")


def on_page_markdown(markdown, page, config, files):
    """Give a page its words for the search."""
    words = config.extra["search_words"].get(page.file.src_uri)
    if words:
        page.meta["tags"] = words
    return markdown


def on_page_content(html, page, config, files):
    """Put pictures into the page, so that they follow its colours, and shorten its contents."""
    if page.file.src_uri == "ApiTokenApi.md":
        for method in page.toc.items[0].children:
            method.children.clear()
    return PICTURE.sub(lambda image: _drawn(image, files), html)


def on_post_page(output, page, config):
    """Make the rows of tables fit for cards on a phone, and long names for narrow columns.

    The search has read the page before: it would take the parts of a name for words.
    """
    output = HEADING.sub(lambda heading: _breakable(heading[0]), output)
    return TABLE.sub(lambda table: _labelled(_figures(_breakable(table[0]))), output)


def _drawn(image, files):
    """The drawing and, if there is one, its form for telephones: the style sheet shows one."""
    names = image[2], image[2].replace(".svg", "-narrow.svg")
    wide, narrow = (files.get_file_from_path(name) for name in names)
    if narrow is None:
        return _labelled_svg(wide, image[1])
    forms = [_labelled_svg(wide, image[1]), _labelled_svg(narrow, image[1])]
    return '<span class="wide">{}</span><span class="narrow">{}</span>'.format(*forms)


def _labelled_svg(file, label):
    return file.content_string.replace("<svg ", f'<svg role="img" aria-label="{label}" ', 1).strip()


def _breakable(html):
    return BREAK_AFTER.sub(r"\g<0><wbr>", html)


def _figures(table):
    """Mark the cells that hold a number alone, so that none is broken into two lines."""
    return FIGURE.sub('<td class="figure"', table)


def _labelled(table):
    heads = re.findall(r"<th\b[^>]*>(.*?)</th>", table, re.DOTALL)
    labels = [re.sub(r"<[^>]*>", "", head) for head in heads]

    def row(match):
        names = iter(labels)
        return CELL.sub(lambda _: f'<td data-label="{next(names, "")}"', match[0])

    return re.sub(r"<tr\b.*?</tr>", row, table, flags=re.DOTALL)
