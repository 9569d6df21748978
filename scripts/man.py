#!/usr/bin/env python3
"""A man page from what the argument parser knows: tapedeck --experimental-dump-help | man.py VERSION"""

import json
import re
import sys


def escaped(text):
    text = text.replace("\\", "\\e").replace("-", "\\-").replace("'", "\\(aq").replace("`", "\\(ga")
    # a dot at the start of a line would be a request
    return "\n".join("\\&" + line if line.startswith(".") else line for line in text.split("\n"))


def paragraphs(text):
    """A line that does not end a sentence goes on in the next one."""
    joined = re.sub(r"(?<![.:])\n\s*", " ", text)
    return [f".PP\n{escaped(line.strip())}" for line in joined.split("\n") if line.strip()]


def name_of(argument):
    """As `--port <port>` or `<tape>`."""
    value = argument.get("valueName", "")
    if argument["kind"] == "positional":
        name = f"\\fI{escaped(value)}\\fR" + (" ..." if argument["isRepeating"] else "")
        return f"[{name}]" if argument["isOptional"] else name
    names = [("--" if name["kind"] == "long" else "-") + name["name"] for name in argument["names"]]
    shown = ", ".join(f"\\fB{escaped(name)}\\fR" for name in names)
    return shown + (f" \\fI{escaped(value)}\\fR" if argument["kind"] == "option" else "")


def description_of(argument):
    words = [argument.get("abstract", "")]
    default = argument.get("defaultValue")
    if default and argument["kind"] != "flag" and "(default:" not in words[0]:
        words.append(f"(default: {default})")
    return escaped(" ".join(word for word in words if word))


def visible(command):
    return [a for a in command.get("arguments", []) if a.get("shouldDisplay", True) and not is_help(a)]


def is_help(argument):
    return any(name["name"] in ("help", "version") for name in argument.get("names", []))


def synopsis(command):
    positional = [name_of(a) for a in visible(command) if a["kind"] == "positional"]
    return " ".join([f".B tapedeck {command['commandName']}\n[options]", *positional])


def section(command):
    lines = [f".SS tapedeck {escaped(command['commandName'])}", escaped(command.get("abstract", ""))]
    lines += paragraphs(command.get("discussion", ""))
    group = None
    for argument in visible(command):
        if argument.get("sectionTitle") != group:
            group = argument.get("sectionTitle")
            if group:
                lines.append(f".PP\n\\fI{escaped(group)}\\fR")
        lines += [".TP", name_of(argument), description_of(argument) or "\\&"]
    return "\n".join(lines)


def main():
    root = json.load(sys.stdin)["command"]
    commands = [command for command in root["subcommands"] if command["commandName"] != "help"]
    print(f'.TH TAPEDECK 1 "" "tapedeck {sys.argv[1]}" "User Commands"')
    abstract = root["abstract"].rstrip(".")
    print(f".SH NAME\ntapedeck \\- {escaped(abstract[0].lower() + abstract[1:])}")
    print(".SH SYNOPSIS")
    print("\n.br\n".join(synopsis(command) for command in commands))
    print(".SH DESCRIPTION")
    print("\n".join(paragraphs(root.get("discussion", ""))))
    print(".SH COMMANDS")
    print("\n".join(section(command) for command in commands))
    print(".SH OPTIONS OF EVERY COMMAND")
    print(".TP\n\\fB\\-h\\fR, \\fB\\-\\-help\\fR\nShow help.\n.TP\n\\fB\\-\\-version\\fR\nShow the version.")
    print(".SH SEE ALSO")
    print("The pages in share/doc/tapedeck: replay.md, mock.md, ci.md, questions.md.")


if __name__ == "__main__":
    main()
