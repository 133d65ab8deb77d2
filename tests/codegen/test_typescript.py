"""The TypeScript client, as the tools of its users see it. They need Node.js and npm packages."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from reactor_runtime.codegen import typescript_client
from scripts.browser_tools import HARNESS, ToolMissing, check_packages, node, tool_environment

from .clients import PAINT, command, document, document_of, torture
from .odd_documents import odd_document

HERE = Path(__file__).parent

# An error that is expected and does not come is an error itself.
USES = """
import { FileRef, Reactor } from "@reactor-team/js-sdk";
import { Commands, Look, Message, PaintClient, Palette, Tracks } from "./paint_client";
import { TortureClient } from "./torture_client";

export async function use(reactor: Reactor, file: FileRef): Promise<void> {
  const client = new PaintClient(reactor);
  await client.paint({ x: 0.5, y: 1 });
  // @ts-expect-error y is missing
  await client.paint({ x: 0.5 });
  // @ts-expect-error no number
  await client.paint({ x: 0.5, y: "1" });
  // @ts-expect-error no such argument
  await client.paint({ x: 0.5, y: 1, z: 2 });
  const gold: Palette = "gold";
  const nothing: void = await client.setPalette({ palette: gold });
  // @ts-expect-error no such palette
  await client.setPalette({ palette: "golden" });
  await client.reset();
  await client.reset({ seed: null });
  for (const image of [file, new Blob(["..."]), new File(["..."], "a.png")]) await client.plantImage({ image });
  // @ts-expect-error no file
  await client.plantImage({ image: "a.png" });
  const stop: () => void = client.onMessage((message: Message) => {
    if (message.type === "planted") console.log(message.data.file_name);
    // @ts-expect-error not each message has one
    console.log(message.data.file_name);
  });
  client.on("look", (look: Look) => console.log(look.seed.toFixed()));
  // @ts-expect-error no such message
  client.on("looks", () => {});
  client.onRejected(({ command, code }) => console.log(command, code));
  const track: "main_video" = Tracks.mainVideo;
  const named: Commands["set_speed"] = { speed: 1 };
  stop();
  console.log(nothing, track, named);

  const other = new TortureClient(reactor);
  await other.send({ x: 1 });
  await other.constructor_();
  await other.import();
  await other.noArgumentsAndAnOddNameÉ();
  other.on("everything", (everything) => console.log(everything.table["a"]?.length, everything.maybe));
}
"""


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with clients: of the demo, of a model with everything, of next to nothing."""
    folder = tmp_path_factory.mktemp("clients")
    made = {
        "paint": document_of(PAINT),
        "torture": torture(),
        "bare": document(),
        "echo": document_of(HERE / "echo.py"),
    }
    made["commands_only"] = document(paths={f"/events/do_{number}": command({}) for number in range(50)})
    for name, source in made.items():
        (folder / f"{name}_client.ts").write_text(typescript_client(source, f"reactor schema {name}"))
    (folder / "node_modules").symlink_to(HARNESS / "node_modules")
    return folder


@pytest.fixture
def tool(written: Path) -> Callable[..., None]:
    """Runs a program of an npm package on what is written; it has to find nothing."""
    try:
        check_packages()
        program = node()
    except ToolMissing as problem:
        pytest.fail(str(problem), pytrace=False)

    def run(script: str, *arguments: str) -> None:
        done = subprocess.run(
            [program, HARNESS / "node_modules" / script, *arguments],
            cwd=written, env=tool_environment(), capture_output=True, text=True, timeout=100, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr

    return run


def test_it_is_the_same_each_time_and_says_what_it_is() -> None:
    source = typescript_client(document_of(PAINT), "reactor schema examples/paint --format typescript")
    assert source == typescript_client(document_of(PAINT), "reactor schema examples/paint --format typescript")
    assert source.startswith(
        "// A typed client of the model paint v0.0.0, for @reactor-team/js-sdk 2.9 or newer.\n"
        "// Generated: do not edit it, make it again with\n//   reactor schema examples/paint --format typescript\n"
    )


def test_what_an_author_wrote_ends_no_comment() -> None:
    source = typescript_client(torture(), "x")
    assert "`ticks`; *\\/ ends nothing" in source and "* \\@deprecated is no tag here" in source


@pytest.mark.e2e
@pytest.mark.browser
def test_tsc_finds_nothing(written: Path, tool: Callable[..., None]) -> None:
    (written / "uses.ts").write_text(USES)
    (written / "uses_echo.ts").write_text((HERE / "uses_echo.ts").read_text())
    for seed in range(40):
        (written / f"odd_{seed}.ts").write_text(typescript_client(odd_document(seed), "x"))
    # The SDK's typings name React's, which only those who use React have: hence skipLibCheck.
    options = ["--strict", "--noEmit", "--skipLibCheck", "--noUnusedLocals", "--noUncheckedIndexedAccess"]
    options += ["--exactOptionalPropertyTypes", "--erasableSyntaxOnly", "--isolatedModules", "--lib", "es2022,dom"]
    options += ["--target", "es2022", "--module", "esnext", "--moduleResolution", "bundler"]
    tool("typescript/bin/tsc", *options, *(file.name for file in sorted(written.glob("*.ts"))))


@pytest.mark.e2e
@pytest.mark.browser
def test_prettier_changes_nothing(written: Path, tool: Callable[..., None]) -> None:
    tool("prettier/bin/prettier.cjs", "--no-config", "--check", *(f.name for f in sorted(written.glob("*_client.ts"))))
