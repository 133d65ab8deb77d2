"""What the documentation says that the code says already: made from it, and kept beside the pages that are written.

`python -m scripts.docs` writes it anew; `make docs` does so first. A test holds it to the code.
"""
