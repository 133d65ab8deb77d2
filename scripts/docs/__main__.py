"""Write the generated parts of the documentation."""

from __future__ import annotations

from .generated import GENERATED, ROOT


def main() -> None:
    """Write each file whose text has changed."""
    for name, make in GENERATED.items():
        file, text = ROOT / name, make()
        if not file.is_file() or file.read_text() != text:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)
            print(f"wrote {name}")


if __name__ == "__main__":
    main()
