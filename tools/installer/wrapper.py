"""The small script `.venv/bin/pulumi` around the real Pulumi CLI.

It ensures five things for every call: the language host finds the Python of `.venv`, refresh and destroy use
the current credentials instead of those in the state, the stack `local` works without a login, a stack of the
sandbox has the addresses of this folder's sandbox, and a state in a folder is readable after a `kill -9`.
"""

from __future__ import annotations

import json
import shlex
from pathlib import Path

from tools.installer.release import CLI, VERSION, PulumiCli

MARKER = "# voicehooks: a wrapper around the Pulumi CLI"

TEMPLATE = r"""#!/bin/sh
{marker}, written by `make install`, which overwrites changes.
root={root}
cli={cli}
folders={folders}

if [ ! -x "$cli" ]; then
    echo "pulumi: $cli is gone; run 'make install' in $root to find or fetch it again" >&2
    exit 127
fi

# The project of the Pulumi.yaml that the CLI will read: a git worktree that links .venv has its own state.
project=$PWD
while [ ! -f "$project/Pulumi.yaml" ] && [ -n "$project" ]; do project=${{project%/*}}; done

# Which stack is meant: --stack or -s in any of their spellings, else the name after stack init, select or rm,
# else PULUMI_STACK, else the one that Pulumi has selected.
flag= words= previous=
for argument in "$@"; do
    case $previous in
        --stack | -s | -[fy]s | -[fy][fy]s)
            flag=$argument previous=
            continue ;;
    esac
    case $argument in
        --) break ;;
        --stack=*) flag=${{argument#--stack=}} ;;
        -s=*) flag=${{argument#-s=}} ;;
        -s?*) flag=${{argument#-s}} ;;
        -*) ;;
        *) words="$words $argument" ;;
    esac
    previous=$argument
done
stack=${{flag:-${{PULUMI_STACK:-}}}}
if [ -z "$flag" ]; then
    case $words in
        " stack init "* | " stack select "* | " stack rm "*)
            stack=${{words#" stack "* }} ;;
    esac
fi

# Pulumi notes a selection for each backend. That `local`, which has its own, was selected last is noted here.
selected=$project/.voicehooks/local-is-selected
of_a_sandbox() {{ grep -Eqs "^ *['\"]?voicehooks:sandbox['\"]?: *(['\"]?true|True|TRUE)" "$@"; }}
case "$words $* " in
    *" --no-select "*) ;;
    " stack select"* | " stack init"*)
        case $stack in
            local | organization/*/local)
                [ -z "$project" ] || {{ mkdir -p "$project/.voicehooks" && : > "$selected"; }} ;;
            *) [ -z "$project" ] || rm -f "$selected" ;;
        esac ;;
esac
case $stack$words in
    " login"* | " logout"*) ;;
    " "* | "")
        if [ -e "$selected" ]; then
            stack=local
        else
            for settings in "$project"/Pulumi.*.yaml; do
                if [ "${{settings##*/}}" != Pulumi.local.yaml ] && of_a_sandbox "$settings"; then
                    stack=$("$cli" stack --show-name --non-interactive 2> /dev/null)
                    break
                fi
            done
        fi ;;
esac

# .venv first: the language host runs the first python it finds.
PATH="$root/.venv/bin:$folders:$PATH"
PULUMI_RUN_PROGRAM=true # otherwise refresh and destroy use the credentials of the last update
PULUMI_SKIP_UPDATE_CHECK=true
export PATH PULUMI_RUN_PROGRAM PULUMI_SKIP_UPDATE_CHECK
state=
case ${{PULUMI_BACKEND_URL:-}} in
    file:///*) state=${{PULUMI_BACKEND_URL#file://}} ;;
esac
case $stack in
    local | organization/*/local)
        state=${{project:-$root}}/.voicehooks/state
        # Names, numbers and URLs in it are not encrypted, so only the owner may read it.
        mkdir -p "$state" && chmod 700 "$state" || exit 1
        PULUMI_BACKEND_URL=file://$(printf '%s' "$state" | sed 's/%/%25/g; s/ /%20/g; s/#/%23/g; s/?/%3F/g')
        PULUMI_CONFIG_PASSPHRASE=local
        export PULUMI_BACKEND_URL PULUMI_CONFIG_PASSPHRASE ;;
esac
short=${{stack##*/}}
if of_a_sandbox "$project/Pulumi.$short.yaml"; then
    # Its addresses, if it is running. Otherwise nothing must reach the real Twilio and Supabase.
    TWILIO_BASE_URL=http://127.0.0.1:9 SUPABASE_API_URL=http://127.0.0.1:9 SUPABASE_URL=
    sandbox=$project/.voicehooks/sandbox
    [ "$short" = local ] || sandbox=$sandbox-$short
    eval "$("$root/.venv/bin/python" -m voicehooks_sandbox.addresses "$sandbox")"
    export TWILIO_BASE_URL SUPABASE_API_URL SUPABASE_URL
fi
if [ -n "$state" ]; then
    # The CLI stores attributes next to each file. A kill can leave them empty, and then the CLI does not read
    # the file, although it is complete. It does not need attributes that do not exist.
    find "$state/.pulumi" -name '*.attrs' -empty -delete 2> /dev/null
fi
exec "$cli" "$@"
"""


def render(root: Path, cli: PulumiCli) -> str:
    """Return the script for the clone at `root` and a CLI."""
    return TEMPLATE.format(
        marker=MARKER,
        root=shlex.quote(str(root)),
        cli=shlex.quote(str(cli.executable)),
        folders=shlex.quote(":".join(str(folder) for folder in cli.folders)),
    )


def write(root: Path, cli: PulumiCli) -> None:
    """Write the script to `.venv/bin`, replacing an older one in one step, and record the CLI."""
    target = root / ".venv" / "bin" / "pulumi"
    fresh = target.with_name(".pulumi.new")
    fresh.write_text(render(root, cli))
    fresh.chmod(0o755)
    fresh.replace(target)
    _record(root).write_text(json.dumps(cli.to_json()))


def is_current(root: Path, *, cache: Path, given: str = "") -> bool:
    """Whether the script of this version exists, with the correct CLI.

    Args:
        root: the clone.
        cache: the folder of the verified CLIs, see `pulumi_cli.obtain`.
        given: the executable that the user wants, or an empty string.
    """
    try:
        cli = PulumiCli.from_json(json.loads(_record(root).read_text()))
        script = (root / ".venv" / "bin" / "pulumi").read_text()
    except (OSError, ValueError, KeyError):
        return False
    wanted = Path(given).absolute() if given else cache / f"v{VERSION}" / CLI
    same = cli.executable == wanted and (bool(given) or cli.version == VERSION)
    return same and cli.is_complete() and script == render(root, cli)


def is_wrapper(executable: Path) -> bool:
    """Whether this file is such a script, of this clone or of another."""
    try:
        with executable.open("rb") as file:
            return MARKER.encode() in file.read(400)
    except OSError:
        return False


def _record(root: Path) -> Path:
    return root / ".venv" / ".voicehooks-pulumi.json"
