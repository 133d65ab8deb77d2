"""One route of the HTTP API, as the document says it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec

from ..access.rules import needed

Schema = dict[str, Any]

JSON = "application/json"
_PARAMETER = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True, slots=True)
class Answer:
    """What a route answers with one status.

    Attributes:
        description: in a few words.
        schema: of its JSON; None where it has no body, or another one.
        media: the type of its body, where that is no JSON.
        headers: the names of headers it has, and what they say.
    """

    description: str
    schema: Schema | None = None
    media: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Query:
    """One parameter of the query."""

    name: str
    schema: Schema
    description: str
    required: bool = False


@dataclass(frozen=True, slots=True)
class Operation:
    """A method of a route.

    What holds for all is said by `rendered`: that a token is asked for, and what a JSON body is refused with.

    Attributes:
        summary: what it does.
        answers: by status, where it does.
        refusals: by status, why it does not; each is `{"detail": …}`.
        body: the type that its JSON body is checked against.
        may_be_empty: whether the body may be left out.
        upload: whether its body is the bytes of a file.
        query: what the query may hold.
        tag: under which it is listed.
    """

    method: str
    path: str
    summary: str
    tag: str
    answers: Mapping[int, Answer]
    refusals: Mapping[int, str] = field(default_factory=dict)
    body: type[msgspec.Struct] | None = None
    may_be_empty: bool = False
    upload: bool = False
    query: tuple[Query, ...] = ()

    def rendered(self, parameters: Mapping[str, Schema]) -> Schema:
        """It in OpenAPI's words.

        Args:
            parameters: the schemas of what may stand in a path, by name.
        """
        said: Schema = {"summary": self.summary, "tags": [self.tag], "operationId": self._id()}
        named = [
            {"name": name, "in": "path", "required": True, "schema": parameters[name]}
            for name in _PARAMETER.findall(self.path)
        ]
        named += [
            {
                "name": query.name,
                "in": "query",
                "required": query.required,
                "schema": query.schema,
                "description": query.description,
            }
            for query in self.query
        ]
        if named:
            said["parameters"] = named
        if self.body is not None:
            content = {JSON: {"schema": {"$ref": f"#/components/schemas/{self.body.__name__}"}}}
            said["requestBody"] = {"required": not self.may_be_empty, "content": content}
        if self.upload:
            content = {"application/octet-stream": {"schema": {}}}
            said["requestBody"] = {"required": True, "content": content}
        guarded = needed(self.path) is not None
        said["security"] = [{}, {"token": []}] if guarded else [{}]
        answers = {status: _answer(answer) for status, answer in self.answers.items()}
        refused = {
            **_OF_ALL,
            **(_OF_GUARDED if guarded else {}),
            **(_OF_PATHS if "{" in self.path else {}),
            **(_OF_BODIES if self.body else {}),
            **self.refusals,
        }
        answers |= {status: _refusal(status, why) for status, why in refused.items() if status not in answers}
        said["responses"] = {str(status): answers[status] for status in sorted(answers)}
        return said

    def _id(self) -> str:
        words = _PARAMETER.sub(r"by_\1", self.path).strip("/").replace("/", "_").replace(".", "_").replace("-", "_")
        return f"{self.method.lower()}_{words or 'page'}"


_OF_ALL = {403: "this page may not call this server, or not by this name, or the token may not do this"}
_OF_GUARDED = {401: "this server asks for a token, and there is none, or it is wrong or over"}
_OF_PATHS = {400: "there is a control character in the path"}
_OF_BODIES = {
    400: "the Content-Length is none",
    408: "the body stood still",
    413: "the body is too large",
    422: "the body is not what is asked for",
}


def _answer(answer: Answer) -> Schema:
    said: Schema = {"description": answer.description}
    if answer.schema is not None:
        said["content"] = {JSON: {"schema": answer.schema}}
    elif answer.media:
        said["content"] = {answer.media: {}}
    if answer.headers:
        said["headers"] = {
            name: {"description": what, "schema": {"type": "string"}} for name, what in answer.headers.items()
        }
    return said


def _refusal(status: int, why: str) -> Schema:
    kind = "Problems" if status == 422 else "Detail"
    return {"description": why, "content": {JSON: {"schema": {"$ref": f"#/components/schemas/{kind}"}}}}
