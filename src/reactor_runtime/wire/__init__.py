"""The two languages official clients speak: JSON (v0) and protobuf (v1), and what can be said in either."""
