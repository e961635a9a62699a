"""Write the libraries that the sandbox's page and the CRM example use.

python -m tools.page_libraries

The pages have no build step: the browser loads these modules as they are published. Each is fetched from npm by
Deno, compared with the SHA-256 below, and written unchanged into a page's files, next to its license. To
upgrade, change a version and the SHA-256 that the refusal prints, here and in `page/deno.json`.
`make check` compares the files with these SHA-256 (tools.scan.page).
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

from voicehooks_sandbox.errors import SandboxError
from voicehooks_sandbox.supabase.npm_package import NpmPackage, fetched

__all__ = ["FOLDERS", "LIBRARIES", "Library", "main"]

ROOT = Path(__file__).resolve().parents[1]
FOLDER = Path("page/voicehooks_page/static/libraries")
CRM_FOLDER = Path("examples/crm/libraries")


@dataclass(frozen=True)
class Library:
    """One file of an npm package.

    Attributes:
        package: its name.
        version: its version.
        path: the file in the package.
        name: the file here.
        sha256: of both.
        folder: where the file is here.
    """

    package: str
    version: str
    path: str
    name: str
    sha256: str
    folder: Path = FOLDER


LIBRARIES = (
    Library(
        "preact",
        "11.2.0",
        "dist/preact.mjs",
        "preact.js",
        "bdcbd9abdf2c77c5c45326eab42191e949222d479d0d5f69467387a77040cb55",
    ),
    Library(
        "preact",
        "11.2.0",
        "hooks/dist/hooks.mjs",
        "preact-hooks.js",
        "e862ab2973aa6455eaa0f77c5d832d2157d6be59a17c8ba546550a575b58c6b4",
    ),
    Library(
        "preact",
        "11.2.0",
        "LICENSE",
        "preact.LICENSE",
        "1fe6958409c8c257a70c587a18b6f7f412b179b456630790d30b2ec9a8e4b7d4",
    ),
    Library(
        "@preact/signals-core",
        "1.14.5",
        "dist/signals-core.mjs",
        "signals-core.js",
        "0c80bc127d72ecb1496ef116ffddae75079829a3af01e7f417c8e5a6474c68b6",
    ),
    Library(
        "@preact/signals",
        "2.11.4",
        "dist/signals.mjs",
        "signals.js",
        "ba8177597f45acaca4d05dcf3966b527d0a8264cfa2b0a87ace92dff324217f8",
    ),
    Library(
        "@preact/signals",
        "2.11.4",
        "LICENSE",
        "signals.LICENSE",
        "a11fc89e4c6b118854c7a667734a0b2e6bf2af5e45c6686de31adbccc8f3ae8d",
    ),
    Library(
        "htm",
        "3.1.1",
        "dist/htm.mjs",
        "htm.js",
        "ab33dd3f38059b9be4d5f5350128eefb2356639c4e0bbe9d9e8b3ba75847e9e4",
    ),
    Library(
        "htm",
        "3.1.1",
        "preact/index.mjs",
        "htm-preact.js",
        "b3f51db71c12eabba61819feb74ace7cadc2744af41866c3fcad2ab960415746",
    ),
    Library(
        "htm",
        "3.1.1",
        "LICENSE",
        "htm.LICENSE",
        "740725f7252e750af735d0028cc534970772f513331e9f68150fede8fb3ce00f",
    ),
    Library(
        "@supabase/supabase-js",
        "2.109.0",
        "dist/umd/supabase.js",
        "supabase.js",
        "9ccb70b99860bb81593bd808708f6e1ed86146ef138f1942a37eeb38519d5a81",
        CRM_FOLDER,
    ),
    Library(
        "@supabase/supabase-js",
        "2.109.0",
        "LICENSE",
        "supabase.LICENSE",
        "334dd6820e2eaeab2064e7c59001b810566728a28a41a7c1dbf69bbee17d0936",
        CRM_FOLDER,
    ),
)

FOLDERS = (FOLDER, CRM_FOLDER)


def main() -> int:
    """Fetch and write all files; exit code 1 if one is not what it should be."""
    deno = Path(sys.prefix) / "bin" / "deno"
    for library in LIBRARIES:
        folder = ROOT / library.folder
        package = NpmPackage(library.package, library.package, library.version, library.path, library.sha256)
        try:
            with fetched(package, deno, folder) as file:
                (folder / library.name).write_bytes(file.read_bytes())
        except SandboxError as error:
            print(error, file=sys.stderr)
            return 1
        print(f"{library.folder / library.name}: {library.package} {library.version}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
